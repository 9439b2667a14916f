import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { AppError } from '../errors.ts'
import { PageQuerySchema } from '../schemas/batches.ts'
import { IdParamsSchema } from '../schemas/fields.ts'
import { DeleteQuerySchema, EmptiedSchema, TrashListSchema } from '../schemas/trash.ts'
import { BulkDeleteSchema, BulkRestoreSchema, BulkResultSchema, UploadSchema } from '../schemas/uploads.ts'
import type { TrashService } from '../services/trash.ts'
import { problemResponses } from './problem.ts'

export interface TrashRoutesOptions {
  trash: TrashService
}

/** Deleting uploads, and bringing them back. */
export const trashRoutes: FastifyPluginAsyncTypebox<TrashRoutesOptions> = async (app, { trash }) => {
  app.delete(
    '/v1/uploads/:id',
    {
      schema: {
        tags: ['trash'],
        summary: 'Put an upload into the trash, or delete it for good',
        params: IdParamsSchema,
        querystring: DeleteQuerySchema,
        response: { 204: Type.Null(), ...problemResponses('UPLOAD_NOT_FOUND') },
      },
    },
    async ({ principal, params, query }, reply) => {
      const { changed } = await trash.remove(principal.userId, [params.id], query.permanent ?? false)
      if (changed.length === 0) throw new AppError('UPLOAD_NOT_FOUND')
      return reply.code(204).send(null)
    },
  )

  app.post(
    '/v1/uploads/bulk/delete',
    {
      schema: {
        tags: ['trash'],
        summary: 'Put up to 100 uploads into the trash, or delete them for good',
        body: BulkDeleteSchema,
        response: { 200: BulkResultSchema },
      },
    },
    async ({ principal, body }) => trash.remove(principal.userId, body.upload_ids, body.permanent ?? false),
  )

  app.post(
    '/v1/uploads/bulk/restore',
    {
      schema: {
        tags: ['trash'],
        summary: 'Bring up to 100 uploads back from the trash',
        body: BulkRestoreSchema,
        response: { 200: BulkResultSchema },
      },
    },
    async ({ principal, body }) => trash.restore(principal.userId, body.upload_ids),
  )

  app.post(
    '/v1/uploads/:id/restore',
    {
      schema: {
        tags: ['trash'],
        summary: 'Bring an upload back from the trash',
        params: IdParamsSchema,
        response: { 200: UploadSchema, ...problemResponses('UPLOAD_NOT_FOUND') },
      },
    },
    async ({ principal, params }) => trash.restoreOne(principal.userId, params.id),
  )

  app.get(
    '/v1/trash',
    {
      schema: {
        tags: ['trash'],
        summary: 'What is in the trash, the newest first',
        querystring: PageQuerySchema,
        response: { 200: TrashListSchema, ...problemResponses('CURSOR_INVALID') },
      },
    },
    async ({ principal, query }) => trash.list(principal.userId, query),
  )

  app.delete(
    '/v1/trash',
    {
      schema: {
        tags: ['trash'],
        summary: 'Empty the trash: everything in it is deleted for good',
        response: { 200: EmptiedSchema },
      },
    },
    async ({ principal }) => ({ removed: await trash.empty(principal.userId) }),
  )
}
