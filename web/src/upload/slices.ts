import type { QueuedItem } from './item.ts'

/** What is sent in one request. */
export interface Slice {
  readonly items: readonly QueuedItem[]
  /** To `POST /v1/upload`, and not as a batch. */
  readonly isSingle: boolean
}

/** The first slice is small, so that the first pictures develop soon; then they grow, so that there are not too many. */
const FIRST_FILES = 25
const MOST_FILES = 250

/** A slice should be on its way for so long: what is lost with a connection is not much then, and developing starts. */
const SLICE_SECONDS = 20
const LEAST_BYTES = 16e6
const MOST_BYTES = 512e6

/** How many files the `count`th slice may hold. */
export function sliceFiles(count: number, batchMaxFiles: number): number {
  return Math.min(FIRST_FILES * 2 ** Math.min(count, 10), MOST_FILES, batchMaxFiles)
}

/** @param speed bytes in a second, when it is known */
export function sliceBytes(speed: number | undefined): number {
  return Math.min(MOST_BYTES, Math.max(LEAST_BYTES, (speed ?? 0) * SLICE_SECONDS))
}

/** Takes the next slice off the front of `waiting`. Undefined: nothing waits. */
export function takeSlice(waiting: QueuedItem[], maxFiles: number, maxBytes: number): Slice | undefined {
  const [first] = waiting
  if (first === undefined) return undefined
  if (first.isSingle) return { items: waiting.splice(0, 1), isSingle: true }
  let files = 0
  let bytes = 0
  for (const { isSingle, sizeBytes } of waiting) {
    if (isSingle || files === maxFiles || (files > 0 && bytes + sizeBytes > maxBytes)) break
    files += 1
    bytes += sizeBytes
  }
  return { items: waiting.splice(0, files), isSingle: false }
}
