import { setTimeout as pause } from 'node:timers/promises'
import { AppError, toError } from '../../errors.ts'

/** Failures in a row without a single new byte. With the pauses below, a minute without a network is survived. */
const MAX_FAILURES = 6
const FIRST_PAUSE_MS = 1000
const LONGEST_PAUSE_MS = 30_000
/** A hub that wants a longer pause is better asked again by a person. */
const LONGEST_RETRY_AFTER_MS = 5 * 60_000

/** A failure that another try may mend: the network, or a server that has too much to do. */
export function transientError(detail: string, { cause, afterMs = 0 }: { cause?: unknown; afterMs?: number } = {}) {
  return new AppError('MODEL_DOWNLOAD_FAILED', { detail, cause, extra: { afterMs } })
}

function isTransient(error: Error): error is AppError & { extra: { afterMs: number } } {
  return error instanceof AppError && error.code === 'MODEL_DOWNLOAD_FAILED' && 'afterMs' in error.extra
}

/** `Retry-After` (RFC 9110 section 10.2.3) in milliseconds from now; 0 when there is none that can be read. */
export function readRetryAfter(header: string | undefined, now = Date.now()): number {
  if (header === undefined) return 0
  const milliseconds = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - now
  return Number.isFinite(milliseconds) ? Math.max(0, milliseconds) : 0
}

export type Pause = (milliseconds: number, signal: AbortSignal | undefined) => Promise<void>

export const pauseFor: Pause = (milliseconds, signal) => pause(milliseconds, undefined, { signal })

export interface Retrying {
  readonly pause: Pause
  /** A number that grows when a try got further, which makes the next failure the first again. */
  reached?(): number
  onRetry?(reason: string, pauseMs: number): void
  readonly signal?: AbortSignal | undefined
}

/**
 * Tries until it succeeds, with longer and longer pauses, or as long as the server asks for.
 * @throws what is not transient at once; the last transient failure after six without any progress
 */
export async function withRetries<T>(attempt: () => Promise<T>, options: Retrying): Promise<T> {
  const { reached = () => 0, signal } = options
  for (let failures = 1, before = reached(); ; failures += 1) {
    try {
      return await attempt()
    } catch (thrown) {
      const error = toError(thrown)
      signal?.throwIfAborted()
      if (reached() > before) failures = 1
      before = reached()
      const afterMs = isTransient(error) ? error.extra.afterMs : Number.POSITIVE_INFINITY
      if (failures >= MAX_FAILURES || afterMs > LONGEST_RETRY_AFTER_MS) throw thrown
      const pauseMs = Math.max(afterMs, Math.min(FIRST_PAUSE_MS * 2 ** (failures - 1), LONGEST_PAUSE_MS))
      options.onRetry?.(error.message, pauseMs)
      await options.pause(pauseMs, signal)
    }
  }
}
