import type { ByteWindow } from './byte-window.ts'

const SIGNATURE_BYTES = 8
/** Length, type and checksum around the data of each chunk. */
const CHUNK_OVERHEAD_BYTES = 12

/** A PNG is whole when its chunks lead to IEND (PNG specification, 5.3). */
export async function isPngWhole(file: ByteWindow): Promise<boolean> {
  let offset = SIGNATURE_BYTES
  while (offset < file.sizeBytes) {
    const head = await file.read(offset, 8)
    if (head.length < 8) return false
    if (head.toString('latin1', 4) === 'IEND') return true
    offset += CHUNK_OVERHEAD_BYTES + head.readUInt32BE(0)
  }
  return false
}
