import { fromStill } from '../image/renditions.ts'
import type { Frame } from '../media.ts'

/** Frames are compared as 16 x 16 mean colours: noise and compression average out, things that move do not. */
const GRID_SIDE = 16
/**
 * The largest change of one cell, of 255 levels, that is still the same picture. Noise and re-encoding change a cell by
 * 1 to 3; a face that turns in a corner by 20 and more.
 */
const MAX_CELL_CHANGE = 8

/** The frames without those that look like one before them, in order. Keeps the first. */
export async function keepDistinct(frames: readonly Frame[]): Promise<Frame[]> {
  const kept: { frame: Frame; grid: Uint8Array }[] = []
  for (const frame of frames) {
    const grid = await toGrid(frame)
    if (!kept.some((other) => looksAlike(other.grid, grid))) kept.push({ frame, grid })
  }
  return kept.map(({ frame }) => frame)
}

function toGrid(frame: Frame): Promise<Uint8Array> {
  return fromStill(frame).resize(GRID_SIDE, GRID_SIDE, { fit: 'fill' }).raw().toBuffer()
}

function looksAlike(a: Uint8Array, b: Uint8Array): boolean {
  return a.every((level, index) => Math.abs(level - (b[index] ?? 0)) <= MAX_CELL_CHANGE)
}
