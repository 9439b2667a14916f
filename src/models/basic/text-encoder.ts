import type { RunOptions, TextEncoder } from '../pack.ts'
import type { WordBatch, WordModel } from '../text/word-encoder.ts'
import type { Inference } from './inference.ts'

/**
 * Measured with 51 queries against the detector's 80 labels: of the right answers three quarters pass, and of what
 * passes half is right; words for scenes, which no label shows, let 7 of 1,280 pass. (At .30 it is .84, a third, 16.)
 */
const RELEVANCE_FLOOR = 0.4

/** Vectors of words, weighed and summed; the vocabulary is here, the vectors are in the workers. */
export function createTextEncoder(inference: Inference, words: WordModel): TextEncoder {
  const embed = async (batch: WordBatch | undefined, options: RunOptions): Promise<Float32Array[]> => {
    if (batch === undefined) return []
    const vectors = await inference.run('embedWords', { batch, graphPath: words.graphPath }, options)
    return Array.from({ length: batch.rows }, (_, row) =>
      vectors.slice(row * words.dimensions, (row + 1) * words.dimensions),
    )
  }
  return {
    fingerprint: words.fingerprint,
    dimensions: words.dimensions,
    relevanceFloor: RELEVANCE_FLOOR,
    embedQuery: async (text, options = {}) => (await embed(words.tokenizeQuery(text), options)).at(0),
    embedDescription: (caption, options = {}) => embed(words.tokenizeDescription(caption), options),
  }
}
