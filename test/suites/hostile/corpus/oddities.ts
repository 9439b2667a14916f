import { chunk, png } from './bombs.ts'
import type { Original } from './originals.ts'
import type { Random } from './random.ts'

type Maker = (random: Random, original: (extension: string) => Original) => [string, Buffer]

const SCRIPT = '<script>fetch("/v1/uploads")</script>'

/** What people write into a picture when they hope that somebody trusts it. */
const STRINGS = [
  SCRIPT,
  "'; drop table uploads; --",
  '{{7*7}}<%= 7*7 %>',
  '../../../../etc/passwd\0.jpg',
  '\u202egpj.exe\u0007\u001b[31m',
  'A'.repeat(60_000),
  '%s%s%s%n%x',
  '\ud83d\udca9'.repeat(500),
] as const

/** Files that are several things at once, hardly anything, or lie about themselves. */
export const ODDITIES: Readonly<Record<string, Maker>> = {
  nothing: () => ['jpg', Buffer.alloc(0)],

  'one byte': (random) => [random.pick(['jpg', 'mp4']), random.bytes(1)],

  noise: (random) => [random.pick(['jpg', 'png', 'mp4', 'heic', 'tif']), random.bytes(1 + random.below(3000))],

  text: (random) => ['jpg', Buffer.from(`just words, number ${random.below(1e9)}`)],

  'the first bytes of a format and then noise': (random, original) => {
    const { extension, bytes } = original(
      random.pick(['jpg', 'png', 'webp', 'avif', 'gif', 'tif', 'heic', 'mp4', 'mkv', 'avi', 'mpg', 'flv']),
    )
    return [extension, Buffer.concat([bytes.subarray(0, 12 + random.below(40)), random.bytes(random.below(2000))])]
  },

  'a wrong extension': (random, original) => [
    random.pick(['exe', 'html', 'svg', 'mp4', 'php', 'jpg.js']),
    Buffer.concat([original('jpg').bytes, random.bytes(4)]),
  ],

  'jpeg and zip': (random, original) => [
    'jpg',
    Buffer.concat([
      original('jpg').bytes,
      Buffer.from('504b0304', 'hex'),
      random.bytes(50),
      Buffer.from('504b0506', 'hex'),
      Buffer.alloc(18),
    ]),
  ],

  'gif and script': (random) => ['gif', Buffer.from(`GIF89a/*${random.below(1e9)}*/=1;alert(1);//${SCRIPT}`)],

  'pdf and jpeg': (random, original) => [
    'pdf',
    Buffer.concat([Buffer.from(`%PDF-1.7\n%${random.below(1e9)}\n`), original('jpg').bytes, Buffer.from('%%EOF')]),
  ],

  'page and jpeg': (random, original) => [
    'html',
    Buffer.concat([original('jpg').bytes, Buffer.from(`<html>${random.below(1e9)}${SCRIPT}</html>`)]),
  ],

  'png with a page in its text': (random) => [
    'png',
    png(9, 9 + random.below(40), undefined, [chunk('tEXt', Buffer.from(`Title\0${random.pick(STRINGS)}`, 'utf8'))]),
  ],

  'exif with hostile words': (random, original) => [
    'jpg',
    withExif(original('jpg').bytes, strings(random.pick(STRINGS), random)),
  ],

  'exif that goes round': (random, original) => ['jpg', withExif(original('jpg').bytes, loop(random))],

  'exif that is noise': (random, original) => [
    'jpg',
    withExif(original('jpg').bytes, Buffer.concat([Buffer.from('II*\0'), random.bytes(400)])),
  ],
}

/** A JPEG with another EXIF block right behind its start, before its own. */
function withExif(jpeg: Buffer, tiff: Buffer): Buffer {
  const head = Buffer.from('ffe10000', 'hex')
  const block = Buffer.concat([Buffer.from('Exif\0\0'), tiff]).subarray(0, 65_000)
  head.writeUInt16BE(block.length + 2, 2)
  return Buffer.concat([jpeg.subarray(0, 2), head, block, jpeg.subarray(2)])
}

/** Make, model, description and date, all the same words. */
function strings(words: string, random: Random): Buffer {
  const tags = [0x010e, 0x010f, 0x0110, 0x0132, 0x013b, 0x8298]
  const value = Buffer.from(`${words}${random.below(1e6)}\0`)
  const head = Buffer.alloc(10 + 12 * tags.length + 4)
  head.write('II*\0')
  head.writeUInt32LE(8, 4)
  head.writeUInt16LE(tags.length, 8)
  for (const [index, tag] of tags.entries()) {
    const offset = 10 + 12 * index
    head.writeUInt16LE(tag, offset)
    head.writeUInt16LE(2, offset + 2)
    head.writeUInt32LE(value.length, offset + 4)
    head.writeUInt32LE(head.length, offset + 8)
  }
  return Buffer.concat([head, value])
}

/** Directories that name each other and themselves, and a count that is not true. */
function loop(random: Random): Buffer {
  const head = Buffer.alloc(8 + 2 + 36 + 4)
  head.write('II*\0')
  head.writeUInt32LE(8, 4)
  head.writeUInt16LE(3, 8)
  for (const [index, tag] of [0x8769, 0x8825, 0xa005].entries()) {
    const offset = 10 + 12 * index
    head.writeUInt16LE(tag, offset)
    head.writeUInt16LE(4, offset + 2)
    head.writeUInt32LE(random.pick([1, 0xffffffff]), offset + 4)
    head.writeUInt32LE(8, offset + 8)
  }
  head.writeUInt32LE(8, head.length - 4)
  return Buffer.concat([head, random.bytes(4)])
}
