import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { IdParamsSchema } from '../schemas/fields.ts'
import {
  SearchBatchRequestSchema,
  SearchBatchResultSchema,
  SearchRequestSchema,
  SearchResultSchema,
  SearchStatsSchema,
  SimilarQuerySchema,
  SuggestionListSchema,
  SuggestionQuerySchema,
} from '../schemas/search.ts'
import { FileFormSchema } from '../schemas/uploads.ts'
import type { SearchService } from '../services/search.ts'
import type { PictureSearch } from '../services/search-by-picture.ts'
import type { SearchLibrary } from '../services/search-library.ts'
import { asItComes, readFiles, whileReceiving } from './multipart.ts'
import { problemResponses } from './problem.ts'
import { perUser } from './security.ts'
import { compileValidator } from './validate.ts'

export interface SearchRoutesOptions {
  search: SearchService
  pictureSearch: PictureSearch
  searchLibrary: SearchLibrary
  imageSearchesPerMinute: number
}

/** Finding uploads by words and meaning, by likeness, and what there is to be found. */
export const searchRoutes: FastifyPluginAsyncTypebox<SearchRoutesOptions> = async (
  app,
  { search, pictureSearch, searchLibrary, imageSearchesPerMinute },
) => {
  app.post(
    '/v1/search',
    {
      // A search changes nothing; it is a POST so that what people look for stays out of addresses and logs.
      config: { scope: 'read' },
      schema: {
        tags: ['search'],
        summary: 'Find uploads by words and by meaning',
        body: SearchRequestSchema,
        response: { 200: SearchResultSchema, ...problemResponses('QUERY_INVALID', 'CURSOR_INVALID', 'MODEL_FAILED') },
      },
    },
    async (request) => search.find(request.principal.userId, request.body),
  )

  app.post(
    '/v1/search/batch',
    {
      config: { scope: 'read' },
      schema: {
        tags: ['search'],
        summary: 'Up to five searches at once, each with a result or an error',
        body: SearchBatchRequestSchema,
        response: { 200: SearchBatchResultSchema },
      },
    },
    async (request) => search.findMany(request.principal.userId, request.body),
  )

  app.post(
    '/v1/search/image',
    {
      config: { scope: 'read', rateLimit: perUser(imageSearchesPerMinute) },
      // The form is read as a stream; the filters in the address are checked like any others.
      validatorCompiler: (route) => (route.httpPart === 'body' ? asItComes(route) : compileValidator(route)),
      schema: {
        tags: ['search'],
        summary: 'Uploads that look like a picture, which is not kept',
        consumes: ['multipart/form-data'],
        querystring: SimilarQuerySchema,
        body: FileFormSchema,
        response: {
          200: SearchResultSchema,
          ...problemResponses(
            'UPLOAD_NO_FILE',
            'UPLOAD_SEVERAL_FILES',
            'UPLOAD_MULTIPART_BROKEN',
            'UPLOAD_EMPTY',
            'UPLOAD_TOO_LARGE',
            'UPLOAD_TYPE_UNSUPPORTED',
            'UPLOAD_TRUNCATED',
            'MEDIA_UNREADABLE',
            'MEDIA_TOO_MANY_PIXELS',
            'CURSOR_INVALID',
            'MODEL_FAILED',
          ),
        },
      },
    },
    async (request) => {
      // One file more than is taken is read, so that "several files" can be told from a broken body.
      const files = readFiles(request, { maxBytes: pictureSearch.maxBytes, maxFiles: 2 })
      return whileReceiving(request, pictureSearch.find(request.principal.userId, files, request.query))
    },
  )

  app.get(
    '/v1/search/similar/:id',
    {
      schema: {
        tags: ['search'],
        summary: 'Uploads that look like one upload',
        params: IdParamsSchema,
        querystring: SimilarQuerySchema,
        response: {
          200: SearchResultSchema,
          ...problemResponses('UPLOAD_NOT_FOUND', 'SIMILAR_NOT_READY', 'CURSOR_INVALID'),
        },
      },
    },
    async (request) => search.similar(request.principal.userId, request.params.id, request.query),
  )

  app.get(
    '/v1/search/suggestions',
    {
      // What people type stands in this address: the log shows it without its query.
      logSerializers: { req: ({ method, url }) => ({ method, url: url.split('?', 1)[0] }) },
      schema: {
        tags: ['search'],
        summary: 'Words of one’s own uploads that begin so, the most frequent first',
        querystring: SuggestionQuerySchema,
        response: { 200: SuggestionListSchema },
      },
    },
    async (request) => searchLibrary.suggest(request.principal.userId, request.query),
  )

  app.get(
    '/v1/search/stats',
    {
      schema: {
        tags: ['search'],
        summary: 'How much can be found, and by what',
        response: { 200: SearchStatsSchema },
      },
    },
    async (request) => searchLibrary.describe(request.principal.userId),
  )
}
