import type { PixelImage } from './pack.ts'
import { resizeAndCrop } from './pixels.ts'

/** Frames are compared in a grid of so many cells each way: averaging takes the noise of video compression out. */
const GRID = 32
/** A cell that differs by more levels (of 255) shows something else. Noise stays below 3, a camera held by hand below 12. */
const CELL_DIFFERENCE = 16
/** More of the cells than this, and the picture says something new: a person in the distance covers about 3 %. */
const CHANGED_CELLS = 0.02

/**
 * Which frames of a video show nearly the same as the last one that was not such a repeat. Each is compared with that
 * one and not with its neighbour, so that a slow change is noticed at last. Costs a few milliseconds a frame, in
 * sharp's threads; vectors would tell as well, but cost what is to be saved.
 */
export async function findRepeats(frames: readonly PixelImage[]): Promise<boolean[]> {
  const repeats: boolean[] = []
  let shown: Uint8Array | undefined
  for (const frame of frames) {
    const { data } = await resizeAndCrop(frame, { width: GRID, height: GRID, kernel: 'linear' })
    const repeat = shown !== undefined && shareOfChange(shown, data) <= CHANGED_CELLS
    if (!repeat) shown = data
    repeats.push(repeat)
  }
  return repeats
}

function shareOfChange(one: Uint8Array, other: Uint8Array): number {
  let changed = 0
  for (let cell = 0; cell < one.length; cell += 3) {
    const differs = [0, 1, 2].some(
      (channel) => Math.abs((one[cell + channel] ?? 0) - (other[cell + channel] ?? 0)) > CELL_DIFFERENCE,
    )
    if (differs) changed++
  }
  return changed / (GRID * GRID)
}
