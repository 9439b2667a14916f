import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { AuditListSchema, AuditQuerySchema } from '../schemas/audit.ts'
import type { AuditService } from '../services/audit.ts'
import { problemResponses } from './problem.ts'

export interface AuditRoutesOptions {
  audit: AuditService
}

/** /v1/audit: what happened to accounts, for the administrator. */
export const auditRoutes: FastifyPluginAsyncTypebox<AuditRoutesOptions> = async (app, { audit }) => {
  app.get(
    '/v1/audit',
    {
      config: { signedIn: true, administrator: true },
      schema: {
        tags: ['users'],
        summary: 'What happened to accounts, the newest first (administrator)',
        querystring: AuditQuerySchema,
        response: { 200: AuditListSchema, ...problemResponses('ADMINISTRATOR_REQUIRED', 'CURSOR_INVALID') },
      },
    },
    async ({ query }) => audit.list(query),
  )
}
