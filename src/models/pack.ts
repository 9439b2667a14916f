/**
 * What a model pack can do, whatever is inside it. The pipeline and the search know only this file.
 */

/** Interleaved 8-bit sRGB pixels: `data.length === width * height * 3`. */
export interface PixelImage {
  readonly data: Uint8Array
  readonly width: number
  readonly height: number
}

/** Before others in the queue: a person who waits, then a single upload, then a batch. */
export type Priority = 'query' | 'interactive' | 'batch'

export interface RunOptions {
  /**
   * Stops waiting, and drops the work if it has not begun. A running session is never interrupted, but a caption that
   * is written token by token ends before its next one.
   */
  signal?: AbortSignal | undefined
  priority?: Priority | undefined
  /** Told after each token of a caption how many there are and how many there may be at most; never again after the end. */
  onToken?: ((count: number, most: number) => void) | undefined
}

/** A thing seen in a picture. */
export interface DetectedObject {
  readonly label: string
  /** 0..1 */
  readonly score: number
  /** Left, top, right, bottom as fractions of the picture, 0..1. */
  readonly box: readonly [number, number, number, number]
}

/** Everything a captioner says about one picture. */
export interface Caption {
  /** One or two plain sentences. */
  readonly text: string
  /** Text read in the picture, one line per line; empty when there is none. */
  readonly ocrText: string
  /** What was seen, most certain first; empty for packs that only write sentences. */
  readonly objects: readonly DetectedObject[]
}

export interface Captioner {
  readonly fingerprint: string
  describe(image: PixelImage, options?: RunOptions): Promise<Caption>
  /** One text for a video out of the captions of its frames, in the order of their time. */
  combine(frames: readonly { readonly timeMs: number; readonly caption: Caption }[]): Caption
}

/** A vector space. Vectors are compared only within one fingerprint. */
export interface Encoder {
  /** Names weights, precision and preprocessing; changes whenever a vector would. Stored beside every vector. */
  readonly fingerprint: string
  readonly dimensions: number
  /** The cosine between a text query and what it may find below which a neighbour is noise. Measured per pack. */
  readonly relevanceFloor: number
}

export interface ImageEncoder extends Encoder {
  /** An L2-normalised vector. */
  embed(image: PixelImage, options?: RunOptions): Promise<Float32Array>
}

export interface TextEncoder extends Encoder {
  /** The vector of a query, or undefined when the encoder knows none of its words. */
  embedQuery(text: string, options?: RunOptions): Promise<Float32Array | undefined>
  /**
   * The vectors under which a description can be found, one per distinct idea (a basic pack: one per thing seen and
   * one for the whole text; a joint pack: one). Empty when the encoder knows none of its words.
   */
  embedDescription(caption: Caption, options?: RunOptions): Promise<Float32Array[]>
}

export interface ModelPack {
  readonly name: string
  readonly captioner: Captioner
  readonly imageEncoder: ImageEncoder
  readonly textEncoder: TextEncoder
  /** True when a text query can be compared with picture vectors (CLIP, SigLIP); false for two separate spaces. */
  readonly sharesSpace: boolean
  /** Loads and runs everything once, so that the first real file is not slow. Once, however often it is called. */
  warm(): Promise<void>
  /** Waits for running inference to end, then ends the workers. Idempotent. */
  close(): Promise<void>
}

/** The fingerprints under which the vectors of a pack are kept. */
export function encodersOf({ imageEncoder, textEncoder }: Pick<ModelPack, 'imageEncoder' | 'textEncoder'>): string[] {
  return [...new Set([imageEncoder.fingerprint, textEncoder.fingerprint])]
}
