import type { PixelImage, RunOptions } from '../pack.ts'
import { type Box, cropPixels, type OwnedPixels, resizePixels } from '../pixels.ts'
import type { Inference } from './inference.ts'
import { LINE_HEIGHT, TEXT_MAX_SIDE, TEXT_SIDE_STEP } from './preprocessing.ts'
import type { TextLine } from './text-lines.ts'

/** A page of small print has more; reading them would hold up everybody else for many seconds. */
const MAX_LINES = 100
/** Below it, what was read is mostly patterns that only look like letters. */
const MIN_CONFIDENCE = 0.6
/** A longer strip is squeezed: nobody writes a line this long in one go, and the memory of a run grows with it. */
const STRIP_MAX_WIDTH = 2400
const STRIP_MIN_WIDTH = 16
/** The recogniser sees letters of small, dense print apart, and the spaces between words, if the line is drawn out. */
const STRIP_STRETCH = 1.25
/** Taller than this times its width, a box holds text that runs downwards. */
const UPRIGHT_RATIO = 1.5

/** Reads the text in a picture: one string per line, in reading order. */
export async function readPictureText(image: PixelImage, inference: Inference, options: RunOptions): Promise<string[]> {
  const reduced = await resizePixels(image, finderSize(image))
  const boxes = await inference.run('findText', reduced, { ...options, transfer: [reduced.data] })
  // Line by line, not in batches: a batch takes longer than its lines do one after another, and holds up a query.
  const lines = await Promise.all(
    boxes.slice(0, MAX_LINES).map(async (box) => {
      const strip = await cutStrip(image, box)
      return inference.run('readLine', strip, { ...options, transfer: [strip.data] })
    }),
  )
  return lines.filter(isReadable).map(({ text }) => text)
}

/** At most 960 pixels on the longer side, never enlarged, both sides multiples of 32. */
function finderSize({ width, height }: PixelImage): { width: number; height: number } {
  const scale = Math.min(1, TEXT_MAX_SIDE / Math.max(width, height))
  const fit = (side: number) => Math.max(1, Math.round((side * scale) / TEXT_SIDE_STEP)) * TEXT_SIDE_STEP
  return { width: fit(width), height: fit(height) }
}

async function cutStrip(image: PixelImage, box: Box): Promise<OwnedPixels> {
  const isTall = (box[3] - box[1]) * image.height > (box[2] - box[0]) * image.width * UPRIGHT_RATIO
  const cut = await cropPixels(image, box, isTall)
  const width = Math.ceil((cut.width * LINE_HEIGHT * STRIP_STRETCH) / cut.height)
  const bounded = Math.min(STRIP_MAX_WIDTH, Math.max(STRIP_MIN_WIDTH, width))
  return resizePixels(cut, { width: bounded, height: LINE_HEIGHT })
}

/** A single sign is nearly always a pattern that looks like one. */
function isReadable({ text, confidence }: TextLine): boolean {
  const signs = text.match(/[\p{L}\p{N}]/gu) ?? []
  return confidence >= MIN_CONFIDENCE && signs.length > 1
}
