import type { Batch } from '../../../../src/schemas/batches.ts'
import { formatCount, formatTimeLeft } from '../../parts/format.ts'

export interface Figures {
  readonly isRunning: boolean
  /** What there is none of is left out. */
  readonly facts: readonly { readonly value: string; readonly label: string }[]
  readonly timeLeft: string | undefined
}

/** What a person wants to know of a batch. */
export function figuresOf({ status, counts, eta_seconds }: Batch): Figures {
  const all: readonly [number, string][] = [
    [counts.succeeded, 'developed'],
    [counts.waiting, 'waiting'],
    [counts.duplicate, 'there already'],
    [counts.failed, 'failed'],
    [counts.rejected, 'refused'],
    [counts.cancelled, 'cancelled'],
    [counts.deleted, 'deleted'],
  ]
  const isRunning = status === 'pending' || status === 'processing'
  return {
    isRunning,
    facts: all.flatMap(([value, label]) => (value > 0 ? [{ value: formatCount(value), label }] : [])),
    timeLeft: isRunning && eta_seconds !== null ? formatTimeLeft(eta_seconds) : undefined,
  }
}
