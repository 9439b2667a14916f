import type { PixelImage } from './pack.ts'

/** byte -> (byte * factor - mean) / deviation, for red, green and blue. */
export interface Normalisation {
  readonly factor: number
  readonly mean: readonly number[]
  readonly deviation: readonly number[]
}

/** Three planes (red, green, blue) of a picture, one after another: what a model calls NCHW. */
export function toPlanes({ data, width, height }: PixelImage, normalisation: Normalisation): Float32Array {
  const pixels = width * height
  const planes = new Float32Array(3 * pixels)
  for (let channel = 0; channel < 3; channel++) {
    const table = tableOf(normalisation, channel)
    let target = channel * pixels
    for (let source = channel; source < data.length; source += 3) planes[target++] = table[data[source] ?? 0] ?? 0
  }
  return planes
}

/** What each byte becomes: a look-up is cheaper than arithmetic on half a million bytes. */
function tableOf({ factor, mean, deviation }: Normalisation, channel: number): Float32Array {
  const [middle = 0, spread = 1] = [mean[channel], deviation[channel]]
  return Float32Array.from({ length: 256 }, (_, byte) => (byte * factor - middle) / spread)
}
