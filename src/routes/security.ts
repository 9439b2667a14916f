import helmet from '@fastify/helmet'
import rateLimit from '@fastify/rate-limit'
import { AppError } from '../errors.ts'
import type { HttpApp } from './foundation.ts'

/**
 * Headers that keep a browser from being used against its owner, and the means to limit rates (routes ask for it by
 * `config: { rateLimit }`). No CORS: pages of other origins have no business here.
 */
export async function registerSecurity(app: HttpApp): Promise<void> {
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

/** @param ttlMs after which the count begins afresh */
export function tooManyRequests(ttlMs: number): AppError {
  return new AppError('RATE_LIMITED', { extra: { retry_after_seconds: Math.ceil(ttlMs / 1000) } })
}
