import type { ByteWindow } from './byte-window.ts'

const HEADER_BYTES = 8
/** Written by recorders that did not know the size yet and never came back to fill it in. */
const UNKNOWN_SIZES = new Set([0, 0xffffffff])
/** Some writers count the padding byte of an odd chunk without writing it. */
const PADDING_BYTES = 1

/** WebP and AVI: whole when the RIFF chunk fits. Long AVIs are several RIFF chunks in a row (OpenDML). */
export async function isRiffWhole(file: ByteWindow): Promise<boolean> {
  let offset = 0
  while (offset < file.sizeBytes) {
    const head = await file.read(offset, HEADER_BYTES)
    if (head.length < HEADER_BYTES || head.toString('latin1', 0, 4) !== 'RIFF') return offset > 0
    const size = head.readUInt32LE(4)
    if (UNKNOWN_SIZES.has(size)) return true
    const end = offset + HEADER_BYTES + size
    if (end > file.sizeBytes + PADDING_BYTES) return false
    offset = end + (size % 2)
  }
  return true
}
