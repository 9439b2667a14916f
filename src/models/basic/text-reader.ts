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
/** Lines that share a run, and their pixels together: about a tenth of a second, so that a query never waits long. */
const MAX_STRIPS_PER_RUN = 6
const MAX_WIDTH_PER_RUN = 2400
/** Taller than this times its width, a box holds text that runs downwards. */
const UPRIGHT_RATIO = 1.5

/** A line cut out of the picture, and its place in reading order. */
interface Strip {
  readonly place: number
  readonly pixels: OwnedPixels
}

/** Reads the text in a picture: one string per line, in reading order. */
export async function readPictureText(image: PixelImage, inference: Inference, options: RunOptions): Promise<string[]> {
  const reduced = await resizePixels(image, finderSize(image))
  const boxes = await inference.run('findText', reduced, { ...options, transfer: [reduced.data] })
  const strips = await Promise.all(boxes.slice(0, MAX_LINES).map((box, place) => cutStrip(image, box, place)))
  const lines: TextLine[] = []
  await Promise.all(
    groupStrips(strips).map(async (group) => {
      const texts = await readStrips(group, inference, options)
      for (const [index, { place }] of group.entries()) lines[place] = texts[index] ?? { text: '', confidence: 0 }
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

async function cutStrip(image: PixelImage, box: Box, place: number): Promise<Strip> {
  const isTall = (box[3] - box[1]) * image.height > (box[2] - box[0]) * image.width * UPRIGHT_RATIO
  const cut = await cropPixels(image, box, isTall)
  const width = Math.ceil((cut.width * LINE_HEIGHT) / cut.height)
  const bounded = Math.min(STRIP_MAX_WIDTH, Math.max(STRIP_MIN_WIDTH, width))
  return { place, pixels: await resizePixels(cut, { width: bounded, height: LINE_HEIGHT }) }
}

/** Strips of a run are padded to the widest of them, so those of like width go together. */
function groupStrips(strips: readonly Strip[]): Strip[][] {
  const groups: Strip[][] = []
  for (const strip of [...strips].sort((one, other) => one.pixels.width - other.pixels.width)) {
    const group = groups.at(-1)
    const hasRoom = group !== undefined && (group.length + 1) * strip.pixels.width <= MAX_WIDTH_PER_RUN
    if (hasRoom && group.length < MAX_STRIPS_PER_RUN) group.push(strip)
    else groups.push([strip])
  }
  return groups
}

async function readStrips(strips: readonly Strip[], inference: Inference, options: RunOptions): Promise<TextLine[]> {
  const data = new Uint8Array(strips.reduce((sizeBytes, { pixels }) => sizeBytes + pixels.data.length, 0))
  let offset = 0
  for (const { pixels } of strips) {
    data.set(pixels.data, offset)
    offset += pixels.data.length
  }
  const widths = strips.map(({ pixels }) => pixels.width)
  return inference.run('readLines', { data, widths }, { ...options, transfer: [data] })
}

/** A single sign is nearly always a pattern that looks like one. */
function isReadable({ text, confidence }: TextLine): boolean {
  const signs = text.match(/[\p{L}\p{N}]/gu) ?? []
  return confidence >= MIN_CONFIDENCE && signs.length > 1
}
