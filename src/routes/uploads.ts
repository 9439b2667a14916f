import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { IdParamsSchema } from '../schemas/fields.ts'
import {
  BulkHideSchema,
  BulkResultSchema,
  FileFormSchema,
  StageRunListSchema,
  UploadMetadataSchema,
  UploadPatchSchema,
  UploadSchema,
} from '../schemas/uploads.ts'
import type { EditService } from '../services/edits.ts'
import type { UploadService } from '../services/uploads.ts'
import { asItComes, readFiles, whileReceiving } from './multipart.ts'
import { problemResponses } from './problem.ts'
import { perUser } from './security.ts'

export interface UploadRoutesOptions {
  uploads: UploadService
  edits: EditService
  uploadMaxBytes: number
  requestsPerMinute: number
}

/** One file in; reading, editing and describing again what is there. */
export const uploadRoutes: FastifyPluginAsyncTypebox<UploadRoutesOptions> = async (
  app,
  { uploads, edits, uploadMaxBytes, requestsPerMinute },
) => {
  app.post(
    '/v1/upload',
    {
      config: { rateLimit: perUser(requestsPerMinute) },
      validatorCompiler: asItComes,
      schema: {
        tags: ['uploads'],
        summary: 'Hand over one file',
        description: 'The same bytes again give 200 and the upload that exists, out of the trash if it is there.',
        consumes: ['multipart/form-data'],
        body: FileFormSchema,
        response: {
          200: UploadSchema,
          201: UploadSchema,
          ...problemResponses(
            'UPLOAD_NO_FILE',
            'UPLOAD_SEVERAL_FILES',
            'UPLOAD_MULTIPART_BROKEN',
            'UPLOAD_ABORTED',
            'UPLOAD_EMPTY',
            'UPLOAD_TOO_LARGE',
            'MEDIA_TYPE_UNSUPPORTED',
            'UPLOAD_TYPE_UNSUPPORTED',
            'UPLOAD_TRUNCATED',
            'QUOTA_EXCEEDED',
            'QUEUE_FULL',
            'STORAGE_BUSY',
            'STORAGE_FULL',
          ),
        },
      },
    },
    async (request, reply) => {
      // One file more than is taken is read, so that "several files" can be told from a broken body.
      const files = readFiles(request, { maxBytes: uploadMaxBytes, maxFiles: 2 })
      const { upload, created } = await whileReceiving(request, uploads.receive(request.principal.userId, files))
      reply.header('location', `/v1/uploads/${upload.id}`)
      return reply.code(created ? 201 : 200).send(upload)
    },
  )

  app.get(
    '/v1/uploads/:id',
    {
      schema: {
        tags: ['uploads'],
        summary: 'Read one upload',
        params: IdParamsSchema,
        response: { 200: UploadSchema, ...problemResponses('UPLOAD_NOT_FOUND') },
      },
    },
    async (request) => uploads.get(request.principal.userId, request.params.id),
  )

  app.patch(
    '/v1/uploads/:id',
    {
      schema: {
        tags: ['uploads'],
        summary: 'Describe, date, place, hide an upload',
        description: 'Only what is named changes. Null goes back to what the file or the models say.',
        params: IdParamsSchema,
        body: UploadPatchSchema,
        response: { 200: UploadSchema, ...problemResponses('VALIDATION_FAILED', 'UPLOAD_NOT_FOUND', 'MODEL_FAILED') },
      },
    },
    async (request) => edits.edit(request.principal.userId, request.params.id, request.body),
  )

  app.get(
    '/v1/uploads/:id/metadata',
    {
      schema: {
        tags: ['uploads'],
        summary: 'What the file and the models say about it',
        params: IdParamsSchema,
        response: { 200: UploadMetadataSchema, ...problemResponses('UPLOAD_NOT_FOUND') },
      },
    },
    async (request) => uploads.metadata(request.principal.userId, request.params.id),
  )

  app.get(
    '/v1/uploads/:id/stages',
    {
      schema: {
        tags: ['uploads'],
        summary: 'How it was developed: every stage with its attempt, outcome and time',
        params: IdParamsSchema,
        response: { 200: StageRunListSchema, ...problemResponses('UPLOAD_NOT_FOUND') },
      },
    },
    async (request) => uploads.stages(request.principal.userId, request.params.id),
  )

  app.post(
    '/v1/uploads/:id/regenerate-description',
    {
      schema: {
        tags: ['uploads'],
        summary: 'Look at it again: vision, description, embeddings',
        params: IdParamsSchema,
        response: { 202: UploadSchema, ...problemResponses('UPLOAD_NOT_FOUND', 'UPLOAD_BUSY', 'QUEUE_FULL') },
      },
    },
    async (request, reply) => {
      const upload = await uploads.regenerate(request.principal.userId, request.params.id)
      return reply.code(202).send(upload)
    },
  )

  app.post(
    '/v1/uploads/bulk/hide',
    {
      schema: {
        tags: ['uploads'],
        summary: 'Hide or show up to 100 uploads',
        body: BulkHideSchema,
        response: { 200: BulkResultSchema },
      },
    },
    async ({ principal, body }) => uploads.setHiddenMany(principal.userId, body.upload_ids, body.hidden),
  )
}
