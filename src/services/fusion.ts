import type { SignalHit } from '../db/search.ts'
import type { Signal } from '../schemas/search.ts'

export interface FusedHit {
  readonly uploadId: string
  /** 0..1: 1 is what an upload ranked first by every signal that ran would have. */
  readonly score: number
  readonly signals: Partial<Record<Signal, number>>
  /** Where in a video, when a picture found it. */
  readonly momentMs: number | null
}

/**
 * How much a rank in each signal counts. Words that the person typed and the upload contains are worth a little more
 * than a likeness of meaning.
 */
const WEIGHTS: Readonly<Record<Signal, number>> = { text: 1.2, description: 1, picture: 1 }

/** Damps the first ranks; 60 is the value of the paper. */
const RANK_CONSTANT = 60

/**
 * Reciprocal rank fusion: sum over the signals of weight / (60 + rank). It needs no scores that can be compared, only
 * ranks. Source: Cormack, Clarke, Buettcher, "Reciprocal Rank Fusion outperforms Condorcet and individual Rank
 * Learning Methods", SIGIR 2009.
 */
export function fuse(found: Partial<Record<Signal, readonly SignalHit[]>>): FusedHit[] {
  const lists = Object.entries(found) as [Signal, readonly SignalHit[]][]
  const best = lists.reduce((sum, [signal]) => sum + WEIGHTS[signal] / (RANK_CONSTANT + 1), 0)
  const fused = new Map<string, { sum: number; signals: Partial<Record<Signal, number>>; momentMs: number | null }>()
  for (const [signal, hits] of lists) {
    for (const [index, hit] of hits.entries()) {
      const entry = fused.get(hit.uploadId) ?? { sum: 0, signals: {}, momentMs: null }
      entry.sum += WEIGHTS[signal] / (RANK_CONSTANT + index + 1)
      entry.signals[signal] = hit.score
      if (signal === 'picture' && hit.frameMs > 0) entry.momentMs = hit.frameMs
      fused.set(hit.uploadId, entry)
    }
  }
  return [...fused]
    .map(([uploadId, { sum, signals, momentMs }]) => ({ uploadId, score: sum / best, signals, momentMs }))
    .sort((a, b) => b.score - a.score || (a.uploadId < b.uploadId ? 1 : -1))
}
