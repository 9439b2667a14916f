import type { Caption } from '../pack.ts'

/** What the word graph takes: `rows` texts of `columns` words each; shorter ones are padded with weight 0. */
export interface WordBatch {
  /** int64 tensor `ids` of [rows, columns]: rows of the vector table. */
  readonly ids: BigInt64Array
  /** float32 tensor `weights` of [rows, columns]: how much each word says. */
  readonly weights: Float32Array
  readonly rows: number
  readonly columns: number
}

/** The vocabulary of the basic pack's text encoder. The vectors are in the graph, which a model worker runs. */
export interface WordModel {
  readonly fingerprint: string
  readonly dimensions: number
  /**
   * ONNX file to make a session of. Inputs `ids` int64 [rows, columns] and `weights` float32 [rows, columns];
   * output `vectors` float32 [rows, dimensions], each row L2-normalised.
   */
  readonly graphPath: string
  /** One row, or undefined when no word of the text is known. */
  tokenizeQuery(text: string): WordBatch | undefined
  /** A row for each distinct object label, then one for the text as a whole; undefined when no word is known. */
  tokenizeDescription(caption: Caption): WordBatch | undefined
}

/** Loads the bundled vocabulary (some 30 ms); the vectors stay on disk until a worker opens `graphPath`. */
export declare function openWordModel(): Promise<WordModel>
