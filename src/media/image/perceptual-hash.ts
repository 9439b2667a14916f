import sharp from 'sharp'
import type { Still } from '../media.ts'

const COLUMNS = 9
const ROWS = 8

/**
 * 64 bits of how the brightness goes, left to right, in a picture of 9 x 8: whether each point is darker than the one to
 * its right. Size, compression and brightness hardly change it ("dHash", N. Krawetz, "Kind of Like That", 2013).
 * @returns a signed 64-bit integer in decimal, as PostgreSQL's `bigint` takes it
 */
export async function perceptualHash({ data: pixels, width, height }: Still): Promise<string> {
  const { data, info } = await sharp(pixels, { raw: { width, height, channels: 3 } })
    .greyscale()
    .resize({ width: COLUMNS, height: ROWS, fit: 'fill', kernel: 'cubic' })
    .raw()
    .toBuffer({ resolveWithObject: true })
  const at = (row: number, column: number) => data[(row * COLUMNS + column) * info.channels] ?? 0
  let bits = 0n
  for (let row = 0; row < ROWS; row++) {
    for (let column = 0; column < COLUMNS - 1; column++) {
      bits = (bits << 1n) | (at(row, column) < at(row, column + 1) ? 1n : 0n)
    }
  }
  return BigInt.asIntN(64, bits).toString()
}
