import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { PageQuerySchema } from '../schemas/batches.ts'
import { DuplicateListSchema, ResolveDuplicatesSchema, ResolvedSchema } from '../schemas/duplicates.ts'
import type { DuplicateService } from '../services/duplicates.ts'
import { problemResponses } from './problem.ts'

export interface DuplicateRoutesOptions {
  duplicates: DuplicateService
}

/** Uploads that look like copies of each other. */
export const duplicateRoutes: FastifyPluginAsyncTypebox<DuplicateRoutesOptions> = async (app, { duplicates }) => {
  app.get(
    '/v1/duplicates',
    {
      schema: {
        tags: ['library'],
        summary: 'Groups of likely copies',
        querystring: PageQuerySchema,
        response: { 200: DuplicateListSchema, ...problemResponses('CURSOR_INVALID') },
      },
    },
    async ({ principal, query }) => duplicates.list(principal.userId, query),
  )

  app.post(
    '/v1/duplicates/resolve',
    {
      schema: {
        tags: ['library'],
        summary: 'Keep one and put the others into the trash, or say that they are no copies',
        body: ResolveDuplicatesSchema,
        response: { 200: ResolvedSchema, ...problemResponses('VALIDATION_FAILED', 'UPLOAD_NOT_FOUND') },
      },
    },
    async ({ principal, body }) => duplicates.resolve(principal.userId, body),
  )
}
