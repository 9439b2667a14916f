import type { Logger } from 'pino'
import type { Test } from 'tap'
import { createApiKeyStore } from '#src/db/api-keys.js'
import { createAuditStore } from '#src/db/audit.js'
import type { Sql } from '#src/db/client.js'
import { createSessionStore } from '#src/db/sessions.js'
import { createUserStore } from '#src/db/users.js'
import { apiKeyRoutes } from '#src/routes/api-keys.js'
import { authRoutes } from '#src/routes/auth.js'
import { createFoundation } from '#src/routes/foundation.js'
import { serverStateRoutes } from '#src/routes/server-state.js'
import { sessionRoutes } from '#src/routes/sessions.js'
import type { Session } from '#src/schemas/accounts.js'
import { createAccounts } from '#src/services/accounts.js'
import { createApiKeys } from '#src/services/api-keys.js'
import { createIdentify } from '#src/services/identity.js'
import { createPasswords, type Passwords } from '#src/services/passwords.js'
import { createSessions } from '#src/services/sessions.js'
import { createTokens } from '#src/services/tokens.js'
import { silent } from './database.ts'

export const TOKEN_SECRET = 'a secret that only this test knows, 42 long'
export const PASSWORD = 'a long walk in the rain'

export interface ServerOptions {
  registration?: 'closed' | 'open'
  log?: Logger
  accessTokenSeconds?: number
  passwords?: Passwords
  readiness?: () => Promise<Record<string, boolean>>
}

/** A server that has accounts and nothing else, on a database without any. Not yet `ready`: a test may add routes. */
export async function createAccountsServer(t: Test, sql: Sql, options: ServerOptions = {}) {
  const { registration = 'open', log = silent, accessTokenSeconds = 900, passwords = createPasswords() } = options
  await sql`delete from users`
  const users = createUserStore(sql)
  const apiKeyStore = createApiKeyStore(sql)
  const tokens = createTokens({ secret: TOKEN_SECRET, lifetimeSeconds: accessTokenSeconds })
  const sessions = createSessions({ store: createSessionStore(sql), tokens, refreshTokenSeconds: 86_400 })
  const accounts = createAccounts({ users, sessions, passwords, audit: createAuditStore(sql), registration })
  const identify = createIdentify({ users, apiKeys: apiKeyStore, tokens })

  const app = await createFoundation({ log, version: '1.2.3', trustProxy: false, identify })
  t.teardown(() => app.close())
  await app.register(authRoutes, { accounts, requestsPerMinute: 60, refreshTokenSeconds: 86_400 })
  await app.register(sessionRoutes, { sessions })
  await app.register(apiKeyRoutes, { apiKeys: createApiKeys(apiKeyStore) })
  await app.register(serverStateRoutes, {
    version: '1.2.3',
    readiness: options.readiness ?? (async () => ({ database: true })),
    readClientConfig: async () => ({
      version: '1.2.3',
      model_pack: 'basic',
      accepted_types: ['image/jpeg'],
      videos_supported: true,
      upload_max_bytes: 1000,
      batch_max_files: 10,
      ...(await accounts.readDoor()),
    }),
  })

  const post = (url: string, body: object, headers: Record<string, string> = {}) =>
    app.inject({ method: 'POST', url, payload: body, headers })

  return {
    app,

    tokens,
    sessions,
    identify,
    post,

    get: (url: string, headers: Record<string, string> = {}) => app.inject({ url, headers }),

    async register(username: string): Promise<Session> {
      const response = await post('/v1/auth/register', { username, password: PASSWORD })
      if (response.statusCode !== 201) throw new Error(`registering ${username} gave ${response.body}`)
      return response.json<Session>()
    },
  }
}

export function bearer(token: string): Record<string, string> {
  return { authorization: `Bearer ${token}` }
}
