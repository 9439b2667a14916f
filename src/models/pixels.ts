import sharp, { type Sharp } from 'sharp'
import type { PixelImage } from './pack.ts'

/** Between 0 and 1 on both axes: left, top, right, bottom. */
export type Box = readonly [left: number, top: number, right: number, bottom: number]

/** Pixels in memory that nobody else holds, so that it can be transferred to another thread. */
export interface OwnedPixels extends PixelImage {
  readonly data: Uint8Array<ArrayBuffer>
}

interface Size {
  readonly width: number
  readonly height: number
}

/**
 * Resamples pixels to exactly `size`, whatever that does to the proportions. Runs in sharp's own threads.
 * Raw to raw, the cubic kernel is what Pillow's BICUBIC is (mean difference below 1 of 255), which is how the models
 * here saw their pictures; letting a JPEG decoder shrink while it loads is not.
 */
export async function resizePixels(image: PixelImage, { width, height }: Size): Promise<OwnedPixels> {
  return takePixels(openRaw(image).resize(width, height, { fit: 'fill', kernel: 'cubic' }), { width, height })
}

/**
 * Fits pixels into a square without changing their proportions; what is left over on both sides is `grey`.
 * @returns the square, and where in it the picture lies as fractions of its side.
 */
export async function letterboxPixels(image: PixelImage, side: number, grey: number): Promise<[OwnedPixels, Box]> {
  const scale = side / Math.max(image.width, image.height)
  const width = Math.max(1, Math.round(image.width * scale))
  const height = Math.max(1, Math.round(image.height * scale))
  const left = Math.floor((side - width) / 2)
  const top = Math.floor((side - height) / 2)
  const fitted = await resizePixels(image, { width, height })
  const data = new Uint8Array(side * side * 3).fill(grey)
  for (let row = 0; row < height; row++) {
    data.set(fitted.data.subarray(row * width * 3, (row + 1) * width * 3), ((top + row) * side + left) * 3)
  }
  const placed: Box = [left / side, top / side, (left + width) / side, (top + height) / side]
  return [{ data, width: side, height: side }, placed]
}

/** Cuts a box out of a picture; a quarter turn to the left lays upright text down. */
export async function cropPixels(image: PixelImage, box: Box, quarterTurn = false): Promise<OwnedPixels> {
  const left = Math.min(image.width - 1, Math.floor(box[0] * image.width))
  const top = Math.min(image.height - 1, Math.floor(box[1] * image.height))
  const width = Math.max(1, Math.min(image.width, Math.ceil(box[2] * image.width)) - left)
  const height = Math.max(1, Math.min(image.height, Math.ceil(box[3] * image.height)) - top)
  const cut = openRaw(image).extract({ left, top, width, height })
  return quarterTurn
    ? takePixels(cut.rotate(-90), { width: height, height: width })
    : takePixels(cut, { width, height })
}

function openRaw({ data, width, height }: PixelImage): Sharp {
  return sharp(data, { raw: { width, height, channels: 3 } })
}

async function takePixels(pipeline: Sharp, size: Size): Promise<OwnedPixels> {
  // sharp's memory belongs to its own allocator and may not be transferred to another thread: hence the copy.
  return { ...size, data: new Uint8Array(await pipeline.raw().toBuffer()) }
}
