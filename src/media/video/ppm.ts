import type { Still } from '../media.ts'

/**
 * Splits a row of binary PPMs ("P6", 8 bits) into pictures that share the bytes. A last one that is cut off is left out.
 * @see https://netpbm.sourceforge.net/doc/ppm.html
 */
export function parsePpms(bytes: Buffer): Still[] {
  const stills: Still[] = []
  let offset = 0
  while (offset < bytes.length) {
    const header = /^P6\s(\d+)\s(\d+)\s255\s/.exec(bytes.toString('latin1', offset, offset + 64))
    if (header === null) break
    const width = Number(header[1])
    const height = Number(header[2])
    const start = offset + header[0].length
    offset = start + width * height * 3
    if (offset <= bytes.length) stills.push({ data: bytes.subarray(start, offset), width, height })
  }
  return stills
}
