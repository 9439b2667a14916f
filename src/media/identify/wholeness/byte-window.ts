import type { FileHandle } from 'node:fs/promises'

/** Big enough that walking a PNG of many small chunks reads seldom, small enough to forget about. */
export const WINDOW_BYTES = 64 * 1024

/**
 * Under a second of work. A real PNG of a gigabyte has 130,000 chunks; only a file made to be slow has more,
 * and that one is left to the decoder's own limits.
 */
const MAX_READS = 500_000

/** A file seen through one window of 64 KiB that follows the reader: seeking costs nothing, memory stays the same. */
export interface ByteWindow {
  readonly sizeBytes: number
  /**
   * `length` bytes from `offset`, fewer where the file ends, none past its end.
   * The bytes are valid until the next call. At most 64 KiB. None once the reads are used up.
   */
  read(offset: number, length: number): Promise<Buffer>
  /** Whether the reads were used up, so that what was concluded from them means nothing. */
  isExhausted(): boolean
}

/**
 * @param open called, more than once, when something is read that `head` does not hold
 * @param head the first bytes of the file
 */
export function createByteWindow(
  open: () => Promise<FileHandle>,
  sizeBytes: number,
  head: Uint8Array = new Uint8Array(),
): ByteWindow {
  let window = Buffer.from(head.buffer, head.byteOffset, head.length)
  let ownWindow: Buffer | undefined
  let start = 0
  let filled = head.length
  let reads = 0

  async function fill(offset: number): Promise<void> {
    const handle = await open()
    ownWindow ??= Buffer.allocUnsafe(WINDOW_BYTES)
    window = ownWindow
    start = offset
    filled = 0
    while (filled < WINDOW_BYTES && start + filled < sizeBytes) {
      const { bytesRead } = await handle.read(window, filled, WINDOW_BYTES - filled, start + filled)
      if (bytesRead === 0) return
      filled += bytesRead
    }
  }

  return {
    sizeBytes,
    isExhausted: () => reads > MAX_READS,
    async read(offset, length) {
      reads += 1
      if (reads > MAX_READS) return window.subarray(0, 0)
      const end = Math.min(offset + Math.min(length, WINDOW_BYTES), sizeBytes)
      if (offset >= end) return window.subarray(0, 0)
      if (offset < start || end > start + filled) await fill(offset)
      return window.subarray(offset - start, Math.min(end - start, filled))
    },
  }
}
