import { ApiError, UNREACHABLE } from '../api/problem.ts'

/** What to do about a request that failed. */
export type Remedy =
  | { readonly kind: 'refuse' }
  | { readonly kind: 'again'; readonly afterMs: number; readonly why?: string }

const FIRST_WAIT_MS = 1000
const LONGEST_WAIT_MS = 30_000

/** A server that fails on the same files again and again will go on doing so. */
const FAULTS_MAX = 4

/** Too many at once, the server starting or stopping, a proxy without its server: it passes. */
const PASSING = new Set([429, 502, 503, 504])

/** @param troubles how many requests failed in a row before this one */
export function remedyFor(thrown: unknown, troubles: number): Remedy {
  if (!(thrown instanceof ApiError)) return { kind: 'refuse' }
  const afterMs = backoff(troubles)
  if (thrown.code === UNREACHABLE) {
    return { kind: 'again', afterMs, why: 'The server cannot be reached. Sending goes on as soon as it is back.' }
  }
  if (thrown.code === 'TOKEN_INVALID' || thrown.code === 'AUTH_REQUIRED') return { kind: 'again', afterMs }
  if (PASSING.has(thrown.status)) {
    return { kind: 'again', afterMs: (thrown.retryAfterSeconds ?? 0) * 1000 || afterMs, why: thrown.message }
  }
  if (thrown.status === 500 && troubles < FAULTS_MAX) return { kind: 'again', afterMs, why: thrown.message }
  return { kind: 'refuse' }
}

function backoff(troubles: number): number {
  return Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(troubles, 10)) * (0.75 + Math.random() / 4)
}
