import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { EndedSessionsSchema, OpenSessionListSchema } from '../schemas/accounts.ts'
import { IdParamsSchema } from '../schemas/fields.ts'
import type { Sessions } from '../services/sessions.ts'
import { problemResponses } from './problem.ts'

export interface SessionRoutesOptions {
  sessions: Sessions
}

/** /v1/auth/sessions: where one is signed in. */
export const sessionRoutes: FastifyPluginAsyncTypebox<SessionRoutesOptions> = async (app, { sessions }) => {
  app.get(
    '/v1/auth/sessions',
    {
      config: { signedIn: true },
      schema: {
        summary: 'Where you are signed in',
        description: 'The session that was used last comes first; at most 200.',
        tags: ['accounts'],
        response: { 200: OpenSessionListSchema },
      },
    },
    async ({ principal }) => ({ items: await sessions.list(principal) }),
  )

  app.delete(
    '/v1/auth/sessions',
    {
      config: { signedIn: true },
      schema: {
        summary: 'Sign out everywhere else',
        description: 'Ends all your sessions but the one that asks. API keys stay.',
        tags: ['accounts'],
        response: { 200: EndedSessionsSchema },
      },
    },
    async ({ principal, ip }) => ({ ended: await sessions.endOthers(principal, ip) }),
  )

  app.delete(
    '/v1/auth/sessions/:id',
    {
      config: { signedIn: true },
      schema: {
        summary: 'End a session',
        description: 'Its tokens are worthless at once, and its sockets are closed.',
        tags: ['accounts'],
        params: IdParamsSchema,
        response: {
          204: Type.Null({ description: 'The session is over.' }),
          ...problemResponses('SESSION_NOT_FOUND'),
        },
      },
    },
    async ({ params, principal, ip }, reply) => {
      await sessions.endOne(principal.userId, params.id, ip)
      return reply.code(204).send(null)
    },
  )
}
