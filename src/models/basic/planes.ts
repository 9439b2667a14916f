import type { PixelImage } from '../pack.ts'

/** What each byte of a plane becomes; 256 entries, because a look-up is cheaper than arithmetic on millions of bytes. */
export type ByteTable = Float32Array

/** byte -> (byte / 255 - mean) / deviation */
export function normalising(mean: number, deviation: number): ByteTable {
  return Float32Array.from({ length: 256 }, (_, byte) => (byte / 255 - mean) / deviation)
}

export interface PlaneTarget {
  /** Three planes of `stride * height`, one after another. */
  readonly planes: Float32Array
  /** Length of a row, at least the picture's width; the rest of the row is left as it is. */
  readonly stride: number
}

/**
 * Takes interleaved RGB apart into a blue, a green and a red plane, which is the order that PaddleOCR's models want.
 * @param tables for the blue, the green and the red plane.
 */
export function writeBgrPlanes(
  { data, width, height }: PixelImage,
  tables: readonly [ByteTable, ByteTable, ByteTable],
  { planes, stride }: PlaneTarget,
): void {
  for (const [plane, table] of tables.entries()) {
    const channel = 2 - plane
    for (let y = 0; y < height; y++) {
      let target = (plane * height + y) * stride
      const end = (y + 1) * width * 3
      for (let source = y * width * 3 + channel; source < end; source += 3) {
        planes[target++] = table[data[source] ?? 0] ?? 0
      }
    }
  }
}
