import type { CookieSerializeOptions } from '@fastify/cookie'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { AppError } from '../errors.ts'
import type { Session } from '../schemas/accounts.ts'

/**
 * A page keeps its session in two cookies that no script can read. The one renews the session and goes nowhere but to
 * /v1/auth. The other lets `<img>`, `<video>` and downloads read, which cannot send a header, and opens nothing else:
 * whatever changes something wants the access token in a header, and that a page of another origin does not have.
 */
const REFRESH = { name: 'darkroom_refresh', path: '/v1/auth' }
const ACCESS = { name: 'darkroom_access', path: '/v1' }

/** `auto`: only over https, when the request came so. A server in a home is reached by plain http. */
const GUARDED: CookieSerializeOptions = { httpOnly: true, sameSite: 'strict', secure: 'auto' }

/** Hands the session over in cookies; what is left for the body. */
export function keepSession(
  reply: FastifyReply,
  { refresh_token, ...session }: Session,
  refreshTokenSeconds: number,
): Omit<Session, 'refresh_token'> {
  setCookie(reply, REFRESH, refresh_token, refreshTokenSeconds)
  setCookie(reply, ACCESS, session.access_token, session.expires_in)
  return session
}

export function forgetSession(reply: FastifyReply): void {
  for (const { name, path } of [REFRESH, ACCESS]) reply.clearCookie(name, { ...GUARDED, path })
  // What was looked at is in the browser's cache, for a year: the next one at this computer is to find none of it.
  reply.header('clear-site-data', '"cache"')
}

/** @throws AppError PAGE_FOREIGN when a page of another origin brought it along */
export function refreshCookieOf(request: FastifyRequest): string | undefined {
  const token = request.cookies[REFRESH.name]
  if (token) assertOwnPage(request)
  return token || undefined
}

/** Good for reading, for pages of this server and for addresses that somebody typed. */
export function accessCookieOf(request: FastifyRequest): string | undefined {
  const reads = request.method === 'GET' || request.method === 'HEAD'
  if (!reads || !['same-origin', 'none'].includes(siteOf(request))) return undefined
  return request.cookies[ACCESS.name] || undefined
}

/**
 * Strict cookies are sent by pages of the same site, and another port of the same host counts as that. Browsers name the
 * origin of whoever asks, over https and on this machine; elsewhere a body of JSON is what no foreign page may send.
 * @throws AppError PAGE_FOREIGN
 */
export function assertOwnPage(request: FastifyRequest): void {
  if (siteOf(request) !== 'same-origin') throw new AppError('PAGE_FOREIGN')
}

function siteOf({ headers }: FastifyRequest): string {
  return String(headers['sec-fetch-site'] ?? 'same-origin')
}

function setCookie(reply: FastifyReply, { name, path }: typeof ACCESS, value: string, maxAge: number): void {
  reply.setCookie(name, value, { ...GUARDED, path, maxAge })
}
