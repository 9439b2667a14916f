import type { ByteWindow } from './byte-window.ts'

const MARKER = 0xff
const START_OF_SCAN = 0xda
const END_OF_IMAGE = Buffer.from([0xff, 0xd9])
const CHUNK_BYTES = 64 * 1024

/**
 * A JPEG is whole when an end-of-image marker follows its first scan. Inside a scan 0xFF is always stuffed
 * (ITU-T T.81, B.1.1.5), so the two bytes cannot occur there by chance. What follows them is not looked at:
 * phones put whole videos there.
 */
export async function isJpegWhole(file: ByteWindow): Promise<boolean> {
  const scan = await findScan(file)
  if (scan === undefined) return false
  // One byte of overlap, for a marker that lies across two chunks.
  for (let offset = scan; offset < file.sizeBytes; offset += CHUNK_BYTES - 1) {
    const chunk = await file.read(offset, CHUNK_BYTES)
    if (chunk.includes(END_OF_IMAGE)) return true
  }
  return false
}

/** Walks the segments, over thumbnails with end markers of their own, to the first start of scan. */
async function findScan(file: ByteWindow): Promise<number | undefined> {
  let offset = 2
  while (offset < file.sizeBytes) {
    const head = await file.read(offset, 4)
    const marker = head[1]
    if (head.length < 4 || marker === undefined) return undefined
    if (head[0] !== MARKER || marker === MARKER || marker === 0) {
      // Fill bytes and junk between segments: decoders skip them too.
      offset += 1
    } else if (marker === START_OF_SCAN) {
      return offset + 2
    } else {
      offset += 2 + (standsAlone(marker) ? 0 : head.readUInt16BE(2))
    }
  }
  return undefined
}

/** TEM, RST0-7, SOI and EOI have no length field. */
function standsAlone(marker: number): boolean {
  return marker === 0x01 || (marker >= 0xd0 && marker <= 0xd9)
}
