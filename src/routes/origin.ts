import type { FastifyRequest } from 'fastify'
import type { Origin } from '../services/sessions.ts'

/** Browsers need some 150 characters. */
const USER_AGENT_MAX = 300

/** Where a request came from, as it is kept with a session: what is shown to its owner is cut and has no control characters. */
export function originOf({ ip, headers }: FastifyRequest): Origin {
  const userAgent = (headers['user-agent'] ?? '')
    .replace(/\p{Cc}+/gu, ' ')
    .trim()
    .slice(0, USER_AGENT_MAX)
  return { address: ip, userAgent: userAgent === '' ? null : userAgent }
}
