import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { IdParamsSchema } from '../schemas/fields.ts'
import {
  BulkDeleteSchema,
  BulkHideSchema,
  BulkResultSchema,
  FileFormSchema,
  StageRunListSchema,
  UploadListQuerySchema,
  UploadListSchema,
  UploadMetadataSchema,
  UploadPatchSchema,
  UploadSchema,
} from '../schemas/uploads.ts'
import type { UploadService } from '../services/uploads.ts'
import { asItComes, readFiles, whileReceiving } from './multipart.ts'
import { problemResponses } from './problem.ts'

export interface UploadRoutesOptions {
  uploads: UploadService
  uploadMaxBytes: number
}

/** One file in; reading, hiding, deleting and describing again what is there. */
export const uploadRoutes: FastifyPluginAsyncTypebox<UploadRoutesOptions> = async (
  app,
  { uploads, uploadMaxBytes },
) => {
  app.post(
    '/v1/upload',
    {
      validatorCompiler: asItComes,
      schema: {
        tags: ['uploads'],
        summary: 'Hand over one file',
        description: 'The same bytes again give 200 and the upload that exists.',
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
    '/v1/uploads',
    {
      schema: {
        tags: ['uploads'],
        summary: 'List uploads',
        querystring: UploadListQuerySchema,
        response: { 200: UploadListSchema, ...problemResponses('CURSOR_INVALID') },
      },
    },
    async (request) => uploads.list(request.principal.userId, request.query),
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
        summary: 'Hide or show an upload',
        params: IdParamsSchema,
        body: UploadPatchSchema,
        response: { 200: UploadSchema, ...problemResponses('UPLOAD_NOT_FOUND') },
      },
    },
    async (request) => uploads.setHidden(request.principal.userId, request.params.id, request.body.hidden),
  )

  app.delete(
    '/v1/uploads/:id',
    {
      schema: {
        tags: ['uploads'],
        summary: 'Delete an upload and its files',
        params: IdParamsSchema,
        response: { 204: Type.Null(), ...problemResponses('UPLOAD_NOT_FOUND') },
      },
    },
    async (request, reply) => {
      await uploads.remove(request.principal.userId, request.params.id)
      return reply.code(204).send(null)
    },
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
        response: { 202: UploadSchema, ...problemResponses('UPLOAD_NOT_FOUND', 'UPLOAD_BUSY') },
      },
    },
    async (request, reply) => {
      const upload = await uploads.regenerate(request.principal.userId, request.params.id)
      return reply.code(202).send(upload)
    },
  )

  app.post(
    '/v1/uploads/bulk/delete',
    {
      schema: {
        tags: ['uploads'],
        summary: 'Delete up to 100 uploads',
        body: BulkDeleteSchema,
        response: { 200: BulkResultSchema },
      },
    },
    async (request) => uploads.removeMany(request.principal.userId, request.body.upload_ids),
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
