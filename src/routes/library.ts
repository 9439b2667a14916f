import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { TimelineQuerySchema, TimelineSchema, UploadListQuerySchema } from '../schemas/library.ts'
import { UploadListSchema } from '../schemas/uploads.ts'
import { UsageSchema } from '../schemas/usage.ts'
import type { LibraryService } from '../services/library.ts'
import type { QuotaService } from '../services/quotas.ts'
import { problemResponses } from './problem.ts'

export interface LibraryRoutesOptions {
  library: LibraryService
  quotas: QuotaService
}

/** All that one keeps: in order, counted, and how much it is. */
export const libraryRoutes: FastifyPluginAsyncTypebox<LibraryRoutesOptions> = async (app, { library, quotas }) => {
  app.get(
    '/v1/uploads',
    {
      schema: {
        tags: ['library'],
        summary: 'List uploads',
        querystring: UploadListQuerySchema,
        response: { 200: UploadListSchema, ...problemResponses('VALIDATION_FAILED', 'CURSOR_INVALID') },
      },
    },
    async (request) => library.list(request.principal.userId, request.query),
  )

  app.get(
    '/v1/uploads/timeline',
    {
      schema: {
        tags: ['library'],
        summary: 'How many there are, by month, status and type',
        querystring: TimelineQuerySchema,
        response: { 200: TimelineSchema, ...problemResponses('VALIDATION_FAILED') },
      },
    },
    async (request) => library.timeline(request.principal.userId, request.query),
  )

  app.get(
    '/v1/usage',
    {
      schema: {
        tags: ['library'],
        summary: 'How much one keeps, and may keep',
        response: { 200: UsageSchema },
      },
    },
    async (request) => quotas.usage(request.principal.userId),
  )
}
