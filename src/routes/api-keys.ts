import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { ApiKeyListSchema, CreatedApiKeySchema, NewApiKeySchema } from '../schemas/accounts.ts'
import { IdParamsSchema } from '../schemas/fields.ts'
import type { ApiKeys } from '../services/api-keys.ts'
import { problemResponses } from './problem.ts'

export interface ApiKeyRoutesOptions {
  apiKeys: ApiKeys
}

/** /v1/api-keys: one's own keys. */
export const apiKeyRoutes: FastifyPluginAsyncTypebox<ApiKeyRoutesOptions> = async (app, { apiKeys }) => {
  app.post(
    '/v1/api-keys',
    {
      config: { signedIn: true },
      schema: {
        summary: 'Make an API key',
        description: 'The key is in this answer and never shown again.',
        tags: ['api keys'],
        body: NewApiKeySchema,
        response: { 201: CreatedApiKeySchema },
      },
    },
    async ({ body, principal, ip }, reply) => {
      const created = await apiKeys.create(principal.userId, body, ip)
      return reply.code(201).header('cache-control', 'no-store').send(created)
    },
  )

  app.get(
    '/v1/api-keys',
    {
      config: { signedIn: true },
      schema: { summary: 'List your API keys', tags: ['api keys'], response: { 200: ApiKeyListSchema } },
    },
    async ({ principal }) => ({ items: await apiKeys.list(principal.userId) }),
  )

  app.delete(
    '/v1/api-keys/:id',
    {
      config: { signedIn: true },
      schema: {
        summary: 'Remove an API key',
        tags: ['api keys'],
        params: IdParamsSchema,
        response: {
          204: Type.Null({ description: 'The key does not work any more.' }),
          ...problemResponses('API_KEY_NOT_FOUND'),
        },
      },
    },
    async ({ params, principal, ip }, reply) => {
      await apiKeys.remove(principal.userId, params.id, ip)
      return reply.code(204).send(null)
    },
  )
}
