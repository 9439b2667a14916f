import sharp, { type Sharp } from 'sharp'
import { AppError } from '../errors.ts'
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

/** Raw to raw, `cubic` is Pillow's BICUBIC, `linear` its BILINEAR and `lanczos3` its LANCZOS, all with antialiasing. */
export type Kernel = 'nearest' | 'linear' | 'cubic' | 'lanczos3'

export interface Resizing extends Size {
  readonly kernel: Kernel
  /** Cut out of the middle afterwards; what is left over is one pixel more on the right and below. */
  readonly crop?: Size | undefined
}

/**
 * Resamples pixels to exactly the size, then cuts the middle out.
 * @throws AppError MODEL_FAILED when the piece to cut out is larger than the picture.
 */
export async function resizeAndCrop(
  image: PixelImage,
  { width, height, kernel, crop }: Resizing,
): Promise<OwnedPixels> {
  const same = width === image.width && height === image.height
  const resized = same ? openRaw(image) : openRaw(image).resize(width, height, { fit: 'fill', kernel })
  if (crop === undefined) return takePixels(resized, { width, height })
  if (crop.width > width || crop.height > height) {
    throw new AppError('MODEL_FAILED', {
      detail: `${crop.width}x${crop.height} pixels cannot be cut out of ${width}x${height}.`,
    })
  }
  const left = Math.floor((width - crop.width) / 2)
  const top = Math.floor((height - crop.height) / 2)
  return takePixels(resized.extract({ left, top, ...crop }), crop)
}

/**
 * Resamples pixels to exactly `size`, whatever that does to the proportions. Runs in sharp's own threads.
 * Raw to raw, the cubic kernel is what Pillow's BICUBIC is (mean difference below 1 of 255), which is how the models
 * here saw their pictures; letting a JPEG decoder shrink while it loads is not.
 */
export async function resizePixels(image: PixelImage, { width, height }: Size): Promise<OwnedPixels> {
  return resizeAndCrop(image, { width, height, kernel: 'cubic' })
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
