import cors from '@fastify/cors'
import helmet from '@fastify/helmet'
import rateLimit from '@fastify/rate-limit'
import type { FastifyRequest } from 'fastify'
import { AppError } from '../errors.ts'
import type { HttpApp } from './foundation.ts'

const MINUTE_MS = 60_000

/** What a page of another origin may send, and read of the answer. */
const CORS_METHODS = ['GET', 'HEAD', 'POST', 'PATCH', 'DELETE']
const CORS_REQUEST_HEADERS = ['authorization', 'content-type', 'x-api-key', 'range', 'if-range', 'if-none-match']
const CORS_ANSWER_HEADERS = [
  ...['location', 'etag', 'retry-after', 'x-request-id', 'content-disposition', 'content-range', 'accept-ranges'],
  ...['ratelimit-limit', 'ratelimit-remaining', 'ratelimit-reset'],
]
const CORS_MAX_AGE_SECONDS = 600

/**
 * Headers that keep a browser from being used against its owner, and the means to limit rates (routes ask for it by
 * `config: { rateLimit }`). Pages of other origins have no business here, except those that the operator names.
 */
export async function registerSecurity(app: HttpApp, corsOrigins: readonly string[]): Promise<void> {
  if (corsOrigins.length > 0) {
    await app.register(cors, {
      origin: [...corsOrigins],
      methods: CORS_METHODS,
      allowedHeaders: CORS_REQUEST_HEADERS,
      exposedHeaders: CORS_ANSWER_HEADERS,
      maxAge: CORS_MAX_AGE_SECONDS,
    })
  }
  await app.register(helmet, {
    contentSecurityPolicy: {
      directives: {
        imgSrc: ["'self'", 'data:', 'blob:'],
        mediaSrc: ["'self'", 'blob:'],
        connectSrc: ["'self'", 'ws:', 'wss:'],
        fontSrc: ["'self'"],
        styleSrc: ["'self'", "'unsafe-inline'"],
        // A server in a home is reached by plain http; this would send its pages' requests to an https that is not there.
        upgradeInsecureRequests: null,
      },
    },
    // Whoever terminates TLS in front of this server decides about HSTS.
    strictTransportSecurity: false,
  })
  await app.register(rateLimit, {
    global: false,
    enableDraftSpec: true,
    errorResponseBuilder: (_request, { ttl }) => tooManyRequests(ttl),
  })
}

/** For `config: { rateLimit }` of a private route: so many requests a minute by one user, whatever the address. */
export function perUser(max: number) {
  return { max, timeWindow: MINUTE_MS, keyGenerator: ({ principal }: FastifyRequest) => principal.userId }
}

/** @param ttlMs after which the count begins afresh */
export function tooManyRequests(ttlMs: number): AppError {
  return new AppError('RATE_LIMITED', { extra: { retry_after_seconds: Math.ceil(ttlMs / 1000) } })
}
