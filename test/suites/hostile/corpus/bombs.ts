import { crc32, deflateSync } from 'node:zlib'
import type { Random } from './random.ts'

const PNG_SIGNATURE = Buffer.from('89504e470d0a1a0a', 'hex')
const MIB = 1024 * 1024

/** Small files that want a lot of memory or time. Each is another one with another number. */
export const BOMBS: Readonly<Record<string, (random: Random) => [string, Buffer]>> = {
  'png of absurd dimensions': (random) => [
    'png',
    png(random.pick([65_535, 100_000, 0x7fffffff, 0]), 60_000 + random.below(99)),
  ],

  'png that unpacks to much more than it says': (random) => ['png', png(16, 16 + random.below(16), zeros(20))],

  'png within the limit that is empty': (random) => [
    'png',
    png(9_000, 9_000 + random.below(999), deflateSync(Buffer.alloc(99))),
  ],

  'png with text that unpacks to much': (random) => {
    const text = chunk('zTXt', Buffer.concat([Buffer.from('Comment\0\0'), zeros(8)]))
    return [
      'png',
      png(
        8,
        8 + random.below(64),
        undefined,
        Array.from({ length: 4 }, () => text),
      ),
    ]
  },

  'png with a colour profile that unpacks to much': (random) => {
    const profile = chunk('iCCP', Buffer.concat([Buffer.from('icc\0\0'), zeros(16)]))
    return ['png', png(8, 8 + random.below(64), undefined, [profile])]
  },

  'png of thousands of chunks': (random) => {
    const text = chunk('tEXt', Buffer.from(`k\0${random.below(1e9)}`))
    return [
      'png',
      png(
        8,
        8,
        undefined,
        Array.from({ length: 20_000 }, () => text),
      ),
    ]
  },

  'gif of absurd dimensions': (random) => {
    const head = gif(65_535, 65_535 - random.below(999))
    return ['gif', Buffer.concat([head, frame(65_535, 65_535), Buffer.from(';')])]
  },

  'gif of a hundred thousand frames': (random) => {
    const count = random.below(40) === 0 ? 100_000 : 1000 + random.below(1000)
    const one = frame(1, 1)
    return ['gif', Buffer.concat([gif(1, 1), ...Array.from({ length: count }, () => one), Buffer.from(';')])]
  },

  'tiff of absurd dimensions': (random) => {
    const entries: [number, number, number][] = [
      [256, 4, 0x7fffffff - random.below(999)],
      [257, 4, 0x7fffffff],
      [258, 3, 8],
      [259, 3, 1],
      [262, 3, 1],
      [273, 4, 8],
      [277, 3, 1],
      [278, 4, 0x7fffffff],
      [279, 4, 10],
    ]
    return ['tif', tiff(entries, 0)]
  },

  'tiff whose pages go round': (random) => [
    'tif',
    tiff(
      [
        [256, 4, 9],
        [257, 4, 9 + random.below(999)],
      ],
      8,
    ),
  ],

  'webp of absurd dimensions': (random) => {
    const canvas = Buffer.alloc(18)
    canvas.write('VP8X')
    canvas.writeUInt32LE(10, 4)
    canvas.writeUIntLE(0xfffffe, 12, 3)
    canvas.writeUIntLE(0xfffffe - random.below(999), 15, 3)
    return ['webp', riff('WEBP', canvas)]
  },

  'jpeg of absurd dimensions': (random) => {
    const size = Buffer.from([255, 255, 255, random.below(256)])
    const start = Buffer.concat([
      Buffer.from('ffd8ffc2001108', 'hex'),
      size,
      Buffer.from('03011100021101031101', 'hex'),
    ])
    const scan = Buffer.from('ffda000c03010002110311003f00', 'hex')
    return ['jpg', Buffer.concat([start, scan, random.bytes(20).fill(1, 0, 5), Buffer.from('ffd9', 'hex')])]
  },
}

export function riff(kind: string, content: Buffer): Buffer {
  const head = Buffer.alloc(12)
  head.write('RIFF')
  head.writeUInt32LE(content.length + 4, 4)
  head.write(kind, 8)
  return Buffer.concat([head, content])
}

export function chunk(type: string, data: Buffer): Buffer {
  const typed = Buffer.concat([Buffer.from(type), data])
  const length = Buffer.alloc(4)
  length.writeUInt32BE(data.length)
  const checksum = Buffer.alloc(4)
  checksum.writeUInt32BE(crc32(typed))
  return Buffer.concat([length, typed, checksum])
}

/** A grey PNG; without `data` its pixels are what the dimensions promise, as long as that is little. */
export function png(width: number, height: number, data?: Buffer, extra: readonly Buffer[] = []): Buffer {
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width)
  header.writeUInt32BE(height, 4)
  header.writeUInt8(8, 8)
  const pixels = data ?? deflateSync(Buffer.alloc(Math.min((width + 1) * height, MIB)))
  return Buffer.concat([
    PNG_SIGNATURE,
    chunk('IHDR', header),
    ...extra,
    chunk('IDAT', pixels),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

const packed = new Map<number, Buffer>()

/** So many MiB of zeros, deflated. */
function zeros(mib: number): Buffer {
  const known = packed.get(mib) ?? deflateSync(Buffer.alloc(mib * MIB))
  packed.set(mib, known)
  return known
}

function gif(width: number, height: number): Buffer {
  const head = Buffer.alloc(13)
  head.write('GIF89a')
  head.writeUInt16LE(width, 6)
  head.writeUInt16LE(height, 8)
  head.writeUInt8(0x80, 10)
  return Buffer.concat([head, Buffer.from('000000ffffff', 'hex')])
}

function frame(width: number, height: number): Buffer {
  const image = Buffer.alloc(10)
  image.write(',')
  image.writeUInt16LE(width, 5)
  image.writeUInt16LE(height, 7)
  return Buffer.concat([image, Buffer.from('0202440100', 'hex')])
}

function tiff(entries: readonly (readonly [tag: number, type: number, value: number])[], next: number): Buffer {
  const bytes = Buffer.alloc(8 + 2 + 12 * entries.length + 4)
  bytes.write('II*\0')
  bytes.writeUInt32LE(8, 4)
  bytes.writeUInt16LE(entries.length, 8)
  for (const [index, [tag, type, value]] of entries.entries()) {
    const offset = 10 + 12 * index
    bytes.writeUInt16LE(tag, offset)
    bytes.writeUInt16LE(type, offset + 2)
    bytes.writeUInt32LE(1, offset + 4)
    if (type === 3) bytes.writeUInt16LE(value, offset + 8)
    else bytes.writeUInt32LE(value, offset + 8)
  }
  bytes.writeUInt32LE(next, bytes.length - 4)
  return bytes
}
