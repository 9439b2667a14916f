import type { Original } from './originals.ts'
import type { Random } from './random.ts'

/** Ways to break a sound file. */
export const MUTATIONS: Readonly<Record<string, (original: Original, random: Random) => Buffer>> = {
  truncated: ({ bytes }, random) => bytes.subarray(0, random.below(bytes.length)),

  'one bit flipped': ({ bytes }, random) => flip(bytes, 1, bytes.length, random),

  'bits flipped': ({ bytes }, random) => flip(bytes, 1 + random.below(64), bytes.length, random),

  'bits of the header flipped': ({ bytes }, random) => flip(bytes, 1 + random.below(8), 256, random),

  'a stretch of zeros': ({ bytes }, random) => {
    const start = random.below(bytes.length)
    return Buffer.from(bytes).fill(0, start, Math.min(bytes.length, start + random.below(2000)))
  },

  'a stretch of ones': ({ bytes }, random) => {
    const start = random.below(bytes.length)
    return Buffer.from(bytes).fill(255, start, Math.min(bytes.length, start + random.below(64)))
  },

  'a stretch repeated': ({ bytes }, random) => {
    const start = random.below(bytes.length)
    const stretch = bytes.subarray(start, start + random.below(500))
    return Buffer.concat([bytes.subarray(0, start), stretch, stretch, bytes.subarray(start)])
  },

  'a stretch cut out': ({ bytes }, random) => {
    const start = random.below(bytes.length)
    return Buffer.concat([bytes.subarray(0, start), bytes.subarray(start + 1 + random.below(200))])
  },

  'the largest number somewhere': ({ bytes }, random) => {
    const broken = Buffer.from(bytes)
    broken.writeUInt32BE(random.pick([0xffffffff, 0x7fffffff, 0x80000000, 0]), random.below(bytes.length - 4))
    return broken
  },

  'junk behind it': ({ bytes }, random) => Buffer.concat([bytes, random.bytes(random.below(500))]),
}

function flip(bytes: Buffer, count: number, within: number, random: Random): Buffer {
  const flipped = Buffer.from(bytes)
  for (let index = 0; index < count; index++) {
    const position = random.below(Math.min(within, bytes.length))
    flipped[position] = (flipped[position] ?? 0) ^ (1 << random.below(8))
  }
  return flipped
}
