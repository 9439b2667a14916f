import type { ByteWindow } from './byte-window.ts'

const HEADER_BYTES = 13
const IMAGE = 0x2c
const EXTENSION = 0x21

/**
 * A GIF is cut off when it ends inside a block. A missing trailer alone is not held against it:
 * some encoders never wrote one, and every decoder shows such a file.
 */
export async function isGifWhole(file: ByteWindow): Promise<boolean> {
  const header = await file.read(0, HEADER_BYTES)
  if (header.length < HEADER_BYTES) return false
  let offset = HEADER_BYTES + colorTableBytes(header[10])
  let hasImage = false
  while (offset < file.sizeBytes) {
    const block = await file.read(offset, 10)
    if (block[0] === IMAGE) {
      // Descriptor, local colours, one byte of code size, then the data.
      offset = await skipSubBlocks(file, offset + 11 + colorTableBytes(block[9]))
      hasImage ||= offset <= file.sizeBytes
    } else if (block[0] === EXTENSION) {
      offset = await skipSubBlocks(file, offset + 2)
    } else {
      return hasImage
    }
  }
  return hasImage && offset === file.sizeBytes
}

/** The flags byte tells whether a table of 2^(n+1) colours follows (GIF89a, 18 and 20). */
function colorTableBytes(flags = 0): number {
  return flags & 0x80 ? 3 * 2 ** ((flags & 0x07) + 1) : 0
}

/** Offset behind the empty sub-block that ends a series; past the end of the file when none does. */
async function skipSubBlocks(file: ByteWindow, start: number): Promise<number> {
  let offset = start
  while (offset < file.sizeBytes) {
    const length = (await file.read(offset, 1))[0]
    if (length === undefined) break
    offset += 1 + length
    if (length === 0) return offset
  }
  return file.sizeBytes + 1
}
