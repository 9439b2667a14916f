import type { Generation } from './generation.ts'

interface Finished {
  readonly text: readonly number[]
  readonly score: number
}

export interface FinishedTexts {
  /** @param sum of the log-probabilities of its tokens; `text` begins with the start token. */
  add(text: readonly number[], sum: number): void
  /**
   * Whether no beam can become better than the worst of those that are kept.
   * @param bestSum of all continuations of this step. @param length of them, without the start token.
   */
  isDecided(bestSum: number, length: number): boolean
  /** The best one; empty when there is none. */
  best(): readonly number[]
}

/**
 * The best n finished texts of a beam search, by their score for their length (transformers' `BeamHypotheses`).
 * The first n decide with `earlyStopping`; otherwise the search goes on while a beam, at its present length, would be
 * better than the worst ("never": at any length it may still reach).
 */
export function createFinishedTexts({ beams, lengthPenalty, earlyStopping, maxLength }: Generation): FinishedTexts {
  const kept: Finished[] = []
  const rate = (sum: number, length: number) => sum / length ** lengthPenalty
  return {
    add(text, sum) {
      kept.push({ text, score: rate(sum, text.length - 1) })
      kept.sort((one, other) => other.score - one.score)
      if (kept.length > beams) kept.pop()
    },
    isDecided(bestSum, length) {
      const worst = kept.at(-1)
      if (worst === undefined || kept.length < beams) return false
      if (earlyStopping === true) return true
      // Sums only get smaller; a positive penalty makes the longest possible text the most hopeful one.
      const hopeful = earlyStopping === 'never' && lengthPenalty > 0 ? maxLength - 1 : length
      return worst.score >= rate(bestSum, hopeful)
    },
    best: () => kept[0]?.text ?? [],
  }
}
