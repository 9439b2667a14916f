import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyRequest } from 'fastify'
import { Compile } from 'typebox/compile'
import { AppError } from '../errors.ts'
import {
  BatchDetailSchema,
  BatchListQuerySchema,
  BatchListSchema,
  BatchOfUploadsSchema,
  BatchSchema,
  FilesFormSchema,
  PageQuerySchema,
} from '../schemas/batches.ts'
import { IdParamsSchema } from '../schemas/fields.ts'
import type { BatchService } from '../services/batches.ts'
import { asItComes, readFiles, whileReceiving } from './multipart.ts'
import { problemResponses } from './problem.ts'
import { perUser } from './security.ts'

export interface BatchRoutesOptions {
  batches: BatchService
  uploadMaxBytes: number
  batchMaxFiles: number
  requestsPerMinute: number
}

/** 10,000 ids of 39 bytes, and some space between them. */
const IDS_MAX_BYTES = 512 * 1024

/** Many files in, and how they are doing. */
export const batchRoutes: FastifyPluginAsyncTypebox<BatchRoutesOptions> = async (app, options) => {
  const { batches, uploadMaxBytes, batchMaxFiles, requestsPerMinute } = options
  const batchOfUploads = Compile(BatchOfUploadsSchema)

  /** The body is files or JSON: the JSON form is checked here, since a route schema would refuse the files. */
  async function hand(request: FastifyRequest) {
    const { userId } = request.principal
    if (request.isMultipart()) {
      const files = readFiles(request, { maxBytes: uploadMaxBytes, maxFiles: batchMaxFiles + 1 })
      return whileReceiving(request, batches.receive(userId, files))
    }
    if (!batchOfUploads.Check(request.body)) {
      throw new AppError('VALIDATION_FAILED', {
        detail: 'Send files as multipart/form-data, or JSON { "upload_ids": [...] }.',
      })
    }
    return batches.createFromUploads(userId, request.body.upload_ids)
  }

  app.post(
    '/v1/batches',
    {
      config: { rateLimit: perUser(requestsPerMinute) },
      bodyLimit: IDS_MAX_BYTES,
      validatorCompiler: asItComes,
      schema: {
        tags: ['batches'],
        summary: 'Hand over many files, or existing uploads to develop again',
        description:
          'multipart/form-data with any number of files, or JSON { "upload_ids": [...] }. One bad file never refuses the others.',
        body: {
          content: {
            'multipart/form-data': { schema: FilesFormSchema },
            'application/json': { schema: BatchOfUploadsSchema },
          },
        },
        response: {
          201: BatchDetailSchema,
          ...problemResponses(
            'VALIDATION_FAILED',
            'UPLOAD_NO_FILE',
            'UPLOAD_MULTIPART_BROKEN',
            'UPLOAD_ABORTED',
            'BATCH_TOO_MANY_FILES',
            'QUEUE_FULL',
            'MEDIA_TYPE_UNSUPPORTED',
            'STORAGE_BUSY',
            'STORAGE_FULL',
          ),
        },
      },
    },
    async (request, reply) => {
      const detail = await hand(request)
      reply.header('location', `/v1/batches/${detail.batch.id}`)
      return reply.code(201).send(detail)
    },
  )

  app.get(
    '/v1/batches',
    {
      schema: {
        tags: ['batches'],
        summary: 'List batches, the newest first',
        querystring: BatchListQuerySchema,
        response: { 200: BatchListSchema, ...problemResponses('CURSOR_INVALID') },
      },
    },
    async (request) => batches.list(request.principal.userId, request.query),
  )

  app.get(
    '/v1/batches/:id',
    {
      schema: {
        tags: ['batches'],
        summary: 'How a batch is doing, and its files page by page',
        params: IdParamsSchema,
        querystring: PageQuerySchema,
        response: { 200: BatchDetailSchema, ...problemResponses('CURSOR_INVALID', 'BATCH_NOT_FOUND') },
      },
    },
    async (request) => batches.get(request.principal.userId, request.params.id, request.query),
  )

  app.post(
    '/v1/batches/:id/cancel',
    {
      schema: {
        tags: ['batches'],
        summary: 'Stop a batch after its current file',
        params: IdParamsSchema,
        response: { 200: BatchSchema, ...problemResponses('BATCH_NOT_FOUND', 'BATCH_FINISHED', 'BATCH_ARRIVING') },
      },
    },
    async (request) => batches.cancel(request.principal.userId, request.params.id),
  )

  app.post(
    '/v1/batches/:id/retry',
    {
      schema: {
        tags: ['batches'],
        summary: 'Develop what failed or was cancelled again',
        params: IdParamsSchema,
        response: {
          202: BatchSchema,
          ...problemResponses('BATCH_NOT_FOUND', 'BATCH_STILL_RUNNING', 'BATCH_NOTHING_TO_RETRY', 'QUEUE_FULL'),
        },
      },
    },
    async (request, reply) => reply.code(202).send(await batches.retry(request.principal.userId, request.params.id)),
  )
}
