import { crc32 } from 'node:zlib'

export interface ZipEntry {
  name: string
  bytes: Buffer
  /** As ZIP keeps it: local time of nowhere, to two seconds. */
  year: number
}

/** The entries of a ZIP whose files are stored and not compressed, as its directory lists them (APPNOTE.TXT 4.3.12). */
export function readZip(zip: Buffer): ZipEntry[] {
  const end = zip.lastIndexOf(Buffer.from('PK\u0005\u0006'))
  const count = zip.readUInt16LE(end + 10)
  let at = zip.readUInt32LE(end + 16)
  return Array.from({ length: count }, () => {
    if (zip.readUInt32LE(at) !== 0x02014b50 || zip.readUInt16LE(at + 10) !== 0) throw new Error('not a stored entry')
    const [size, nameLength, extraLength] = [
      zip.readUInt32LE(at + 24),
      zip.readUInt16LE(at + 28),
      zip.readUInt16LE(at + 30),
    ]
    const start = zip.readUInt32LE(at + 42)
    const data = start + 30 + zip.readUInt16LE(start + 26) + zip.readUInt16LE(start + 28)
    const bytes = zip.subarray(data, data + size)
    if (crc32(bytes) !== zip.readUInt32LE(at + 16)) throw new Error('the checksum is wrong')
    const entry = {
      name: zip.toString('utf8', at + 46, at + 46 + nameLength),
      bytes,
      year: 1980 + (zip.readUInt16LE(at + 14) >> 9),
    }
    at += 46 + nameLength + extraLength + zip.readUInt16LE(at + 32)
    return entry
  })
}
