import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { IdParamsSchema } from '../schemas/fields.ts'
import { SearchRequestSchema, SearchResultSchema, SimilarQuerySchema } from '../schemas/search.ts'
import type { SearchService } from '../services/search.ts'
import { problemResponses } from './problem.ts'

export interface SearchRoutesOptions {
  search: SearchService
}

/** Finding uploads by words and meaning, and by likeness. */
export const searchRoutes: FastifyPluginAsyncTypebox<SearchRoutesOptions> = async (app, { search }) => {
  app.post(
    '/v1/search',
    {
      // A search changes nothing; it is a POST so that what people look for stays out of addresses and logs.
      config: { scope: 'read' },
      schema: {
        tags: ['search'],
        summary: 'Find uploads by words and by meaning',
        body: SearchRequestSchema,
        response: { 200: SearchResultSchema, ...problemResponses('MODEL_FAILED') },
      },
    },
    async (request) => search.find(request.principal.userId, request.body),
  )

  app.get(
    '/v1/search/similar/:id',
    {
      schema: {
        tags: ['search'],
        summary: 'Uploads that look like one upload',
        params: IdParamsSchema,
        querystring: SimilarQuerySchema,
        response: { 200: SearchResultSchema, ...problemResponses('UPLOAD_NOT_FOUND', 'SIMILAR_NOT_READY') },
      },
    },
    async (request) => search.similar(request.principal.userId, request.params.id, request.query),
  )
}
