import type { SignalList } from '../db/search.ts'
import type { Signal } from '../schemas/search.ts'

export interface RankedHit {
  readonly uploadId: string
  /** 0..1: 1 is what an upload has that every signal with a find puts first. */
  readonly score: number
  readonly signals: Partial<Record<Signal, number>>
}

/**
 * How much a rank in each signal counts. Words that the person typed and the upload contains are worth a little more
 * than a likeness of meaning. The very words come before everything: a last place among 200 of them (20 / 260) is worth
 * more than the first of all others together (3.2 / 61).
 *
 * Of 392 captions of clip art (bench/retrieval-quality.ts) 18 find their picture at all, and weights of the words from
 * 0.25 to 4 differ by the places of one or two: nothing to choose by. Below 1, the first upload with a word of the
 * query would come behind uploads that are only alike.
 */
export const WEIGHTS: Readonly<Record<Signal, number>> = { exact: 20, text: 1.2, description: 1, picture: 1 }

/** Damps the first ranks; 60 is the value of the paper. */
const RANK_CONSTANT = 60

/**
 * Reciprocal rank fusion: sum over the signals of weight / (60 + rank). It needs no scores that can be compared, only
 * ranks. Where several models give the same signal, the better rank counts, so that an upload that only one of them
 * has seen loses nothing. Source: Cormack, Clarke, Buettcher, "Reciprocal Rank Fusion outperforms Condorcet and
 * individual Rank Learning Methods", SIGIR 2009.
 */
export function fuse(lists: readonly SignalList[], weights = WEIGHTS): RankedHit[] {
  const found = new Set(lists.filter(({ hits }) => hits.length > 0).map(({ signal }) => signal))
  const best = [...found].reduce((sum, signal) => sum + weights[signal] / (RANK_CONSTANT + 1), 0)
  const worth = new Map<string, Partial<Record<Signal, number>>>()
  const scores = new Map<string, Partial<Record<Signal, number>>>()
  for (const { signal, hits } of lists) {
    for (const [index, { uploadId, score }] of hits.entries()) {
      raise(worth, uploadId, signal, weights[signal] / (RANK_CONSTANT + index + 1))
      raise(scores, uploadId, signal, score)
    }
  }
  return [...worth]
    .map(([uploadId, parts]) => ({
      uploadId,
      score: Object.values(parts).reduce((sum, part) => sum + part, 0) / best,
      signals: scores.get(uploadId) ?? {},
    }))
    .sort(bestFirst)
}

/** Likeness is one measure, whichever model took it: the best cosine is the score. */
export function byLikeness(lists: readonly SignalList[]): RankedHit[] {
  const scores = new Map<string, Partial<Record<Signal, number>>>()
  for (const { signal, hits } of lists) for (const { uploadId, score } of hits) raise(scores, uploadId, signal, score)
  return [...scores]
    .map(([uploadId, signals]) => ({ uploadId, score: Math.min(1, signals.picture ?? 0), signals }))
    .sort(bestFirst)
}

/** Total, so that the same lists always give the same ranking: equal scores are put in the order of their ids. */
const bestFirst = (a: RankedHit, b: RankedHit) => b.score - a.score || (a.uploadId < b.uploadId ? 1 : -1)

function raise(to: Map<string, Partial<Record<Signal, number>>>, id: string, signal: Signal, value: number): void {
  const entry = to.get(id) ?? {}
  entry[signal] = Math.max(entry[signal] ?? value, value)
  to.set(id, entry)
}
