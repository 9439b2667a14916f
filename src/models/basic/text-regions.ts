import type { Box } from '../pixels.ts'

/** A pixel belongs to text above this probability, and a region is kept above this mean (PaddleOCR's defaults). */
const PIXEL_THRESHOLD = 0.3
const REGION_THRESHOLD = 0.6
/** The detector marks the core of the letters; the box grows by area * ratio / perimeter to hold them whole. */
const UNCLIP_RATIO = 1.6
/** Smaller than this in the detector's picture, nothing can be read. */
const MIN_SIDE_PIXELS = 3

interface Region {
  /** Pixels, inclusive. */
  left: number
  top: number
  right: number
  bottom: number
  pixels: number
  probabilitySum: number
}

/**
 * Finds lines of text in the detector's map, in reading order.
 * The post-processing of Differentiable Binarization (Liao et al. 2020, https://arxiv.org/abs/1911.08947) with
 * upright boxes instead of rotated ones, and neighbours on one line merged so that a line is read as one.
 * @param probabilities row by row, 0..1, `width * height` of them.
 * @returns boxes as fractions of the picture.
 */
export function findTextRegions(probabilities: Float32Array, width: number, height: number): Box[] {
  const boxes = findRegions(probabilities, width, height)
    .filter((region) => isText(region))
    .map((region) => growRegion(region, width, height))
  return sortForReading(mergeLines(boxes)).map(([left, top, right, bottom]) => [
    left / width,
    top / height,
    right / width,
    bottom / height,
  ])
}

function isText({ left, top, right, bottom, pixels, probabilitySum }: Region): boolean {
  const shorterSide = Math.min(right - left, bottom - top) + 1
  return shorterSide >= MIN_SIDE_PIXELS && probabilitySum / pixels >= REGION_THRESHOLD
}

function growRegion({ left, top, right, bottom }: Region, width: number, height: number): Box {
  const regionWidth = right - left + 1
  const regionHeight = bottom - top + 1
  const margin = (regionWidth * regionHeight * UNCLIP_RATIO) / (2 * (regionWidth + regionHeight))
  return [
    Math.max(0, left - margin),
    Math.max(0, top - margin),
    Math.min(width, right + 1 + margin),
    Math.min(height, bottom + 1 + margin),
  ]
}

/** Connected components (8 neighbours) of what lies above the threshold, by flood fill. */
function findRegions(probabilities: Float32Array, width: number, height: number): Region[] {
  const isUnseenText = Uint8Array.from(probabilities, (probability) => (probability > PIXEL_THRESHOLD ? 1 : 0))
  const regions: Region[] = []
  for (let start = 0; start < isUnseenText.length; start++) {
    if (isUnseenText[start] === 1) regions.push(fillRegion(start, probabilities, isUnseenText, width, height))
  }
  return regions
}

function fillRegion(
  start: number,
  probabilities: Float32Array,
  isUnseenText: Uint8Array,
  width: number,
  height: number,
): Region {
  const region = { left: width, top: height, right: 0, bottom: 0, pixels: 0, probabilitySum: 0 }
  const waiting = [start]
  isUnseenText[start] = 0
  for (let place = waiting.pop(); place !== undefined; place = waiting.pop()) {
    const x = place % width
    const y = Math.floor(place / width)
    growTo(region, x, y)
    region.probabilitySum += probabilities[place] ?? 0
    for (let nearY = Math.max(0, y - 1); nearY <= Math.min(height - 1, y + 1); nearY++) {
      for (let nearX = Math.max(0, x - 1); nearX <= Math.min(width - 1, x + 1); nearX++) {
        const neighbour = nearY * width + nearX
        if (isUnseenText[neighbour] !== 1) continue
        isUnseenText[neighbour] = 0
        waiting.push(neighbour)
      }
    }
  }
  return region
}

function growTo(region: Region, x: number, y: number): void {
  region.pixels += 1
  region.left = Math.min(region.left, x)
  region.right = Math.max(region.right, x)
  region.top = Math.min(region.top, y)
  region.bottom = Math.max(region.bottom, y)
}

/** Joins boxes, left to right, while one continues another. */
function mergeLines(boxes: readonly Box[]): Box[] {
  const lines: Box[] = []
  for (const box of [...boxes].sort((one, other) => one[0] - other[0])) {
    const place = lines.findIndex((line) => continuesLine(line, box))
    const line = lines[place]
    if (line === undefined) lines.push(box)
    else lines[place] = unionOf(line, box)
  }
  return lines
}

/** Similar height, mostly beside each other, and about a letter apart, as the words of one line are. */
function continuesLine(line: Box, next: Box): boolean {
  const heights = [line[3] - line[1], next[3] - next[1]] as const
  const lower = Math.min(...heights)
  const shared = Math.min(line[3], next[3]) - Math.max(line[1], next[1])
  const gap = next[0] - line[2]
  const lineIsWide = line[2] - line[0] > lower
  const nextIsWide = next[2] - next[0] > lower * 0.4
  return shared > lower * 0.6 && Math.max(...heights) < lower * 1.6 && gap < lower * 1.2 && lineIsWide && nextIsWide
}

function unionOf(one: Box, other: Box): Box {
  return [
    Math.min(one[0], other[0]),
    Math.min(one[1], other[1]),
    Math.max(one[2], other[2]),
    Math.max(one[3], other[3]),
  ]
}

/** Rows from the top, each from the left. Boxes are in one row if the middle of one lies within the first of the row. */
function sortForReading(boxes: readonly Box[]): Box[] {
  const rows: Box[][] = []
  for (const box of [...boxes].sort((one, other) => one[1] - other[1])) {
    const middle = (box[1] + box[3]) / 2
    const row = rows.find(([first]) => first !== undefined && middle > first[1] && middle < first[3])
    if (row === undefined) rows.push([box])
    else row.push(box)
  }
  return rows.flatMap((row) => row.sort((one, other) => one[0] - other[0]))
}
