import type { ImageEncoder } from '../pack.ts'
import { resizePixels } from '../pixels.ts'
import type { Inference } from './inference.ts'
import { EMBEDDER_SIDE } from './preprocessing.ts'

/** Channels of the detector's backbone where it is cut. */
const DIMENSIONS = 120

/**
 * Vectors of what a picture looks like. The cosine of a picture and an altered copy of it (recompressed, halved,
 * mirrored, brightened) is above about .95; the two most alike of 61 different pictures had .88.
 */
export function createImageEncoder(inference: Inference, fingerprint: string): ImageEncoder {
  return {
    fingerprint,
    dimensions: DIMENSIONS,
    // No text query lives in this space, so nothing in it is relevant to one.
    relevanceFloor: 1,
    async embed(image, options = {}) {
      const square = await resizePixels(image, { width: EMBEDDER_SIDE, height: EMBEDDER_SIDE })
      return inference.run('embedPicture', square, { ...options, transfer: [square.data] })
    },
  }
}
