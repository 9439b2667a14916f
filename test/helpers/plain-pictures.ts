import type { PixelImage } from '#src/models/pack.js'

/** A picture of one colour. */
export function plainPicture(colour: readonly [number, number, number], width = 40, height = 30): PixelImage {
  const data = new Uint8Array(width * height * 3)
  for (let index = 0; index < data.length; index++) data[index] = colour[index % 3] ?? 0
  return { data, width, height }
}

export const DARK = plainPicture([20, 20, 20])
export const BRIGHT = plainPicture([235, 235, 235])
