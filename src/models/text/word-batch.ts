import type { VocabularyEntry } from './vocabulary.ts'

/** What the word network takes: `rows` texts of `columns` words each; shorter ones are padded with weight 0. */
export interface WordBatch {
  /** int64 tensor `ids` of [rows, columns]: rows of the vector table. */
  readonly ids: BigInt64Array
  /** float32 tensor `weights` of [rows, columns]: how much each word says. */
  readonly weights: Float32Array
  readonly rows: number
  readonly columns: number
}

/** Texts as one batch; undefined when there is none. */
export function packBatch(texts: readonly (readonly VocabularyEntry[])[]): WordBatch | undefined {
  if (texts.length === 0) return undefined
  const columns = Math.max(...texts.map((entries) => entries.length))
  const ids = new BigInt64Array(texts.length * columns)
  const weights = new Float32Array(texts.length * columns)
  texts.forEach((entries, row) => {
    entries.forEach((entry, column) => {
      ids[row * columns + column] = BigInt(entry.row)
      weights[row * columns + column] = entry.weight
    })
  })
  return { ids, weights, rows: texts.length, columns }
}
