import { normalizeIP } from '@fastify/rate-limit'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { AppError } from '../errors.ts'
import {
  LoginSchema,
  MeSchema,
  PasswordChangeSchema,
  RefreshSchema,
  RegistrationSchema,
  type Session,
  SessionSchema,
} from '../schemas/accounts.ts'
import type { Accounts } from '../services/accounts.ts'
import { originOf } from './origin.ts'
import { problemResponses } from './problem.ts'
import { tooManyRequests } from './security.ts'
import { assertOwnPage, forgetSession, keepSession, refreshCookieOf } from './session-cookies.ts'

const MINUTE_MS = 60_000

/** For one name from one address: some 4300 guesses a day, and whoever makes them locks out nobody else. */
const NAME_AND_ADDRESS_LIMIT = { max: 30, timeWindow: 10 * MINUTE_MS }

/**
 * For one name, from wherever: some 43 000 guesses a day. Strangers at ten addresses can keep the owner from signing in
 * with it; that is the price of a bound on those who have a thousand.
 */
const NAME_LIMIT = { max: 300, timeWindow: 10 * MINUTE_MS }

export interface AuthRoutesOptions {
  accounts: Accounts
  /** From one address (an IPv6 /64 counts as one): a family behind one router, but no password list. */
  requestsPerMinute: number
  /** So long the cookie of a page is kept. */
  refreshTokenSeconds: number
}

/** /v1/auth: registering, signing in and out. */
export const authRoutes: FastifyPluginAsyncTypebox<AuthRoutesOptions> = async (
  app,
  { accounts, requestsPerMinute, refreshTokenSeconds },
) => {
  const addressLimit = { max: requestsPerMinute, timeWindow: MINUTE_MS }
  // The tight one first: what it refuses does not count for the other, or one stranger alone could use that up.
  const counts = [
    app.createRateLimit({ ...NAME_AND_ADDRESS_LIMIT, keyGenerator: nameAndAddressOf }),
    app.createRateLimit({ ...NAME_LIMIT, keyGenerator: nameOf }),
  ]
  const open = { public: true, rateLimit: addressLimit }

  // Tokens must not stay in a cache (RFC 6749, 5.1).
  app.addHook('onRequest', async (_request, reply) => {
    reply.header('cache-control', 'no-store')
  })

  app.post(
    '/v1/auth/register',
    {
      config: open,
      schema: {
        summary: 'Make an account and sign in',
        description:
          'The first account is the administrator. After it, registration is closed unless the server opens it.',
        tags: ['accounts'],
        body: RegistrationSchema,
        response: {
          201: SessionSchema,
          ...problemResponses('REGISTRATION_CLOSED', 'PASSWORD_TOO_COMMON', 'USERNAME_TAKEN', 'PAGE_FOREIGN'),
        },
      },
    },
    async (request, reply) => {
      const keep = isKept(request, request.body)
      const session = await accounts.register(request.body, originOf(request))
      return reply.code(201).send(hand(reply, session, keep))
    },
  )

  app.post(
    '/v1/auth/login',
    {
      config: open,
      schema: {
        summary: 'Sign in',
        tags: ['accounts'],
        body: LoginSchema,
        response: { 200: SessionSchema, ...problemResponses('CREDENTIALS_WRONG', 'PAGE_FOREIGN') },
      },
    },
    async (request, reply) => {
      await limitName(request)
      const keep = isKept(request, request.body)
      return hand(reply, await accounts.login(request.body, originOf(request)), keep)
    },
  )

  app.post(
    '/v1/auth/refresh',
    {
      config: open,
      schema: {
        summary: 'Get new tokens for a refresh token',
        description:
          'Each refresh token is good for once. One that was used before ends the session it belongs to. With an empty ' +
          'object the token is that of the cookie, and the new one goes into the cookie too.',
        tags: ['accounts'],
        body: RefreshSchema,
        response: { 200: SessionSchema, ...problemResponses('TOKEN_INVALID', 'PAGE_FOREIGN') },
      },
    },
    async (request, reply) => {
      const receivedAt = new Date(Date.now() - reply.elapsedTime)
      const given = request.body.refresh_token
      const token = given ?? refreshCookieOf(request)
      if (token === undefined) throw new AppError('TOKEN_INVALID', { detail: 'Nobody is signed in here.' })
      // The cookies stay when this throws: of two at once the other one may have set them a moment ago.
      const session = await accounts.refresh(token, receivedAt, originOf(request), { mayBeLost: given === undefined })
      return hand(reply, session, given === undefined)
    },
  )

  app.post(
    '/v1/auth/logout',
    {
      config: open,
      schema: {
        summary: 'End the session of a refresh token',
        description:
          'Its access tokens stop working too. A token that means nothing is not an error. With an empty object it is ' +
          'the session of the cookie, and the cookies are taken away.',
        tags: ['accounts'],
        body: RefreshSchema,
        response: { 204: Type.Null({ description: 'The session is over.' }), ...problemResponses('PAGE_FOREIGN') },
      },
    },
    async (request, reply) => {
      const given = request.body.refresh_token
      const token = given ?? refreshCookieOf(request)
      if (token !== undefined) await accounts.logout(token, request.ip)
      if (given === undefined) forgetSession(reply)
      return reply.code(204).send(null)
    },
  )

  app.get(
    '/v1/auth/me',
    { schema: { summary: 'Who is asking', tags: ['accounts'], response: { 200: MeSchema } } },
    async ({ principal: { userId, scopes, via } }) => ({
      user: await accounts.getUser(userId),
      scopes: [...scopes],
      via,
    }),
  )

  app.post(
    '/v1/auth/password',
    {
      config: { signedIn: true, rateLimit: addressLimit },
      schema: {
        summary: 'Change the password',
        description: 'Ends every session of the account and opens this new one. API keys stay.',
        tags: ['accounts'],
        body: PasswordChangeSchema,
        response: {
          200: SessionSchema,
          ...problemResponses('CREDENTIALS_WRONG', 'PASSWORD_TOO_COMMON', 'PAGE_FOREIGN'),
        },
      },
    },
    async (request, reply) => {
      await limitName(request)
      const keep = isKept(request, request.body)
      const passwords = { currentPassword: request.body.current_password, newPassword: request.body.new_password }
      return hand(reply, await accounts.changePassword(request.principal.username, passwords, originOf(request)), keep)
    },
  )

  function hand(reply: FastifyReply, session: Session, keep: boolean) {
    return keep ? keepSession(reply, session, refreshTokenSeconds) : session
  }

  async function limitName(request: FastifyRequest): Promise<void> {
    for (const countAttempt of counts) {
      const count = await countAttempt(request)
      if (!count.isAllowed && count.isExceeded) throw tooManyRequests(count.ttl)
    }
  }
}

/** Asked before anything is done: a foreign page must not sign somebody in either. */
function isKept(request: FastifyRequest, { keep_session: keep = false }: { keep_session?: boolean }): boolean {
  if (keep) assertOwnPage(request)
  return keep
}

/** The account whose password is tried: named in the body of a login, known when it is changed. */
function nameOf(request: FastifyRequest): string {
  const { body } = request
  const named = typeof body === 'object' && body !== null && 'username' in body ? body.username : undefined
  return (typeof named === 'string' ? named : request.principal.username).toLowerCase()
}

/** An IPv6 /64 counts as one address, as for `requestsPerMinute`. No name has a space in it. */
function nameAndAddressOf(request: FastifyRequest): string {
  return `${nameOf(request)} ${normalizeIP(request.ip)}`
}
