import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { IdParamsSchema } from '../schemas/fields.ts'
import { ManagedUserSchema, UserListQuerySchema, UserListSchema, UserPatchSchema } from '../schemas/users.ts'
import type { UserService } from '../services/users.ts'
import { problemResponses } from './problem.ts'

export interface UserRoutesOptions {
  users: UserService
}

/** /v1/users: all accounts, for the administrator. */
export const userRoutes: FastifyPluginAsyncTypebox<UserRoutesOptions> = async (app, { users }) => {
  app.get(
    '/v1/users',
    {
      config: { administrator: true, signedIn: true },
      schema: {
        tags: ['users'],
        summary: 'List accounts (administrator)',
        querystring: UserListQuerySchema,
        response: { 200: UserListSchema, ...problemResponses('ADMINISTRATOR_REQUIRED', 'CURSOR_INVALID') },
      },
    },
    async ({ query }) => users.list(query),
  )

  app.patch(
    '/v1/users/:id',
    {
      config: { administrator: true, signedIn: true },
      schema: {
        tags: ['users'],
        summary: 'Set the quota of an account, disable or enable it (administrator)',
        params: IdParamsSchema,
        body: UserPatchSchema,
        response: {
          200: ManagedUserSchema,
          ...problemResponses('ADMINISTRATOR_REQUIRED', 'VALIDATION_FAILED', 'USER_NOT_FOUND'),
        },
      },
    },
    async ({ principal, ip, params, body }) =>
      users.change({ actorId: principal.userId, address: ip }, params.id, body),
  )
}
