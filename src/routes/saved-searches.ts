import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { IdParamsSchema } from '../schemas/fields.ts'
import {
  NewSavedSearchSchema,
  SavedSearchListSchema,
  SavedSearchPatchSchema,
  SavedSearchRunSchema,
  SavedSearchSchema,
} from '../schemas/saved-searches.ts'
import { SearchResultSchema } from '../schemas/search.ts'
import type { SavedSearches } from '../services/search-saved.ts'
import { problemResponses } from './problem.ts'

export interface SavedSearchRoutesOptions {
  savedSearches: SavedSearches
}

/** Searches that are kept under a name and run again. */
export const savedSearchRoutes: FastifyPluginAsyncTypebox<SavedSearchRoutesOptions> = async (
  app,
  { savedSearches },
) => {
  app.post(
    '/v1/searches',
    {
      schema: {
        tags: ['search'],
        summary: 'Keep a search',
        body: NewSavedSearchSchema,
        response: { 201: SavedSearchSchema, ...problemResponses('QUERY_INVALID') },
      },
    },
    async (request, reply) => {
      const created = await savedSearches.create(request.principal.userId, request.body)
      reply.header('location', `/v1/searches/${created.id}`)
      return reply.code(201).send(created)
    },
  )

  app.get(
    '/v1/searches',
    {
      schema: {
        tags: ['search'],
        summary: 'The searches that are kept, the newest first',
        response: { 200: SavedSearchListSchema },
      },
    },
    async (request) => savedSearches.list(request.principal.userId),
  )

  app.get(
    '/v1/searches/:id',
    {
      schema: {
        tags: ['search'],
        summary: 'Read a kept search',
        params: IdParamsSchema,
        response: { 200: SavedSearchSchema, ...problemResponses('SAVED_SEARCH_NOT_FOUND') },
      },
    },
    async (request) => savedSearches.get(request.principal.userId, request.params.id),
  )

  app.patch(
    '/v1/searches/:id',
    {
      schema: {
        tags: ['search'],
        summary: 'Change a kept search; what is not named stays',
        params: IdParamsSchema,
        body: SavedSearchPatchSchema,
        response: { 200: SavedSearchSchema, ...problemResponses('SAVED_SEARCH_NOT_FOUND', 'QUERY_INVALID') },
      },
    },
    async (request) => savedSearches.change(request.principal.userId, request.params.id, request.body),
  )

  app.delete(
    '/v1/searches/:id',
    {
      schema: {
        tags: ['search'],
        summary: 'Forget a kept search',
        params: IdParamsSchema,
        response: { 204: Type.Null(), ...problemResponses('SAVED_SEARCH_NOT_FOUND') },
      },
    },
    async (request, reply) => {
      await savedSearches.remove(request.principal.userId, request.params.id)
      return reply.code(204).send(null)
    },
  )

  app.post(
    '/v1/searches/:id/run',
    {
      config: { scope: 'read' },
      schema: {
        tags: ['search'],
        summary: 'What a kept search finds now',
        params: IdParamsSchema,
        body: SavedSearchRunSchema,
        response: {
          200: SearchResultSchema,
          ...problemResponses('SAVED_SEARCH_NOT_FOUND', 'QUERY_INVALID', 'CURSOR_INVALID', 'MODEL_FAILED'),
        },
      },
    },
    async (request) => savedSearches.run(request.principal.userId, request.params.id, request.body),
  )
}
