import type { DetectedObject } from '../pack.ts'
import type { Box } from '../pixels.ts'
import { LABELS } from './labels.ts'

/** Side of the square that the detector was trained on, in pixels. */
export const DETECTOR_SIDE = 512
/** Grey of the letterbox's bars; stretching the picture instead loses a tenth of the finds. */
export const LETTERBOX_GREY = 114

/**
 * From here on a thing is said plainly: of 32 pictures it then named nothing wrong. Between the two scores it is right
 * more often than wrong, so a caption says "perhaps", and a search may find it.
 */
export const CERTAIN_SCORE = 0.5
const MIN_SCORE = 0.4
/** Two boxes of one label that share this much of their union are the same thing. */
const MAX_OVERLAP = 0.5

/** Numbers in a row of the detector's output: left, top, right, bottom (in pixels of the square), score, class. */
const ROW_LENGTH = 6

/**
 * Turns the rows of the detector into things seen, most certain first, as fractions of the letterboxed square.
 * The rows are peaks of the heat map, best first; a peak has neighbours on the same thing, which are left out here
 * (greedy non-maximum suppression, per label).
 */
export function decodeDetections(rows: Float32Array): DetectedObject[] {
  const kept: DetectedObject[] = []
  for (let start = 0; start + ROW_LENGTH <= rows.length; start += ROW_LENGTH) {
    const [left = 0, top = 0, right = 0, bottom = 0, score = 0, classNumber = -1] = rows.subarray(start)
    const label = LABELS[Math.round(classNumber)]
    if (label === undefined || score < MIN_SCORE) continue
    const corners = [left, top, right, bottom].map((pixels) => pixels / DETECTOR_SIDE)
    kept.push({ label, score, box: asBox(corners) })
  }
  return suppressOverlaps(kept.sort((one, other) => other.score - one.score))
}

function suppressOverlaps(objects: readonly DetectedObject[]): DetectedObject[] {
  const kept: DetectedObject[] = []
  for (const object of objects) {
    const repeats = kept.some(({ label, box }) => label === object.label && overlap(box, object.box) > MAX_OVERLAP)
    if (!repeats) kept.push(object)
  }
  return kept
}

/** Intersection over union. */
function overlap(one: Box, other: Box): number {
  const width = Math.min(one[2], other[2]) - Math.max(one[0], other[0])
  const height = Math.min(one[3], other[3]) - Math.max(one[1], other[1])
  if (width <= 0 || height <= 0) return 0
  return (width * height) / (areaOf(one) + areaOf(other) - width * height)
}

function areaOf(box: Box): number {
  return (box[2] - box[0]) * (box[3] - box[1])
}

/** Undoes the letterbox: fractions of the square become fractions of the picture that was `placed` in it. */
export function fromLetterbox(object: DetectedObject, placed: Box): DetectedObject {
  const [left, top, right, bottom] = placed
  const across = (x: number) => clampFraction((x - left) / (right - left))
  const down = (y: number) => clampFraction((y - top) / (bottom - top))
  const [x1, y1, x2, y2] = object.box
  return { ...object, box: [across(x1), down(y1), across(x2), down(y2)] }
}

function clampFraction(value: number): number {
  return Math.min(1, Math.max(0, value))
}

function asBox([left = 0, top = 0, right = 0, bottom = 0]: readonly number[]): Box {
  return [left, top, right, bottom]
}
