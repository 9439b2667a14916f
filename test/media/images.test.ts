import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { crc32, deflateSync } from 'node:zlib'
import sharp, { type Sharp } from 'sharp'
import t from 'tap'
import { thumbHashToRGBA } from 'thumbhash'
import { AppError } from '#src/errors.js'
import { createMedia } from '#src/media/create-media.js'
import { summarizeExif } from '#src/media/image/exif.js'
import type { MediaType, Still } from '#src/media/media.js'
import { cleanText, storableRecord } from '#src/media/text.js'
import { codeOf, difference, HEIC, longestPause, makePhoto, meanColour, PHOTO } from '../helpers/media-samples.ts'

const media = await createMedia({ imageMaxPixels: 100_000_000, videoMaxFrames: 10, ffmpegPath: undefined })
t.teardown(() => media.close())

const JPEG: MediaType = { fileType: 'image', mimeType: 'image/jpeg', extension: 'jpg' }

const CAMERA = {
  IFD0: { Make: 'NIKON CORPORATION', Model: 'NIKON D70', Software: 'Ver.1', Artist: 'Ada' },
  IFD2: {
    DateTimeOriginal: '2024:05:01 12:00:00',
    OffsetTimeOriginal: '+02:00',
    LensModel: '18-70mm',
    ExposureTime: '1/125',
    FNumber: '28/10',
    ISOSpeedRatings: '200',
    FocalLength: '50/1',
  },
  IFD3: {
    GPSLatitude: '47/1 30/1 0/1',
    GPSLatitudeRef: 'S',
    GPSLongitude: '8/1 15/1 0/1',
    GPSLongitudeRef: 'W',
  },
}

/** Runs a picture through everything that is done with one. */
async function develop(path: string) {
  const type = await media.identify(path)
  const [probe, renditions, still] = await Promise.all([
    media.probe(path, type),
    media.renderImage(path, type),
    media.loadStill(path, type, 64),
  ])
  return { probe, renditions, still }
}

t.test('a probe tells size, time, place and camera', async (t) => {
  const path = await makePhoto(t.testdir(), 'a.jpg', (image) => image.withExif(CAMERA))
  const probe = await media.probe(path, JPEG)
  t.match(probe, { width: 320, height: 151, latitude: -47.5, longitude: -8.25, camera: 'NIKON D70' })
  t.same(probe.takenAt, new Date('2024-05-01T10:00:00Z'), 'the offset is taken off the wall clock')
  t.match(probe.metadata, { lens: '18-70mm', f_number: 2.8, iso: 200, focal_length_mm: 50, utc_offset: '+02:00' })
  t.equal(probe.metadata.exposure_seconds, 1 / 125)
})

t.test('hostile text in a picture is made harmless', async (t) => {
  const Model = `X\u0001\u0007\u202e${'y'.repeat(5000)}\ud800`
  const path = await makePhoto(t.testdir(), 'a.jpg', (image) => image.withExif({ IFD0: { Model, Artist: 'a\nb\tc' } }))
  const { camera, metadata } = await media.probe(path, JPEG)
  t.match(camera, /^X\??y{198,199}$/)
  t.equal(metadata.artist, 'a b c')
  t.equal(cleanText('\u0000a\u202eb\ud800\u0007'), 'ab')
  t.equal(cleanText(`${'x'.repeat(199)}📷📷`), `${'x'.repeat(199)}📷`, 'a character is never cut in two')
  t.equal(cleanText('\u0000\u0001'), undefined)
})

t.test('a date is judged after its offset is taken off', async (t) => {
  const read = async (DateTimeOriginal: string, OffsetTimeOriginal: string) => {
    const IFD2 = { DateTimeOriginal, OffsetTimeOriginal }
    const path = await makePhoto(t.testdir(), 'a.jpg', (image) => image.withExif({ IFD2 }))
    return (await media.probe(path, JPEG)).takenAt
  }
  t.equal(await read('9999:12:31 23:59:59', '-01:00'), undefined, 'the year 10000')
  t.same(await read('9999:12:31 23:59:59', '+01:00'), new Date('9999-12-31T22:59:59Z'))
  t.equal(await read('1826:01:01 00:30:00', '+01:00'), undefined)
  t.same(await read('1825:12:31 23:30:00', '-01:00'), new Date('1826-01-01T00:30:00Z'))
  t.equal(await read('0000:00:00 00:00:00', '+01:00'), undefined, 'a clock that was never set')
})

t.test('no text of a picture holds what the database refuses', async (t) => {
  const path = join(t.testdir(), 'hostile.jpg')
  const plain = await sharp({ create: { width: 8, height: 8, channels: 3, background: 'red' } })
    .jpeg()
    .toBuffer()
  const ascii = Buffer.from('a\u0000b\u0000c\u001bd', 'latin1')
  // A half character in UTF-8, a NUL, and half of an astral character.
  const bytes = Buffer.from([0x61, 0xed, 0xa0, 0x80, 0x00, 0x62, 0xf0, 0x9f, 0x63])
  await writeFile(path, withTextTags(plain, { 270: ascii, 271: bytes, 272: ascii, 305: bytes, 315: ascii }))
  const { camera, metadata } = await media.probe(path, JPEG)
  t.match(metadata, { title: 'abcd', artist: 'abcd', software: 'abc' })
  t.equal(camera, 'abcd')
  t.notMatch(JSON.stringify(metadata), /\\u/)

  const hostile = '\u0000a\ud800'
  const nested = { [hostile]: [hostile, { [hostile]: hostile, '\u0000': 1 }, Number.NaN, undefined], gone: '\u0000' }
  t.same(storableRecord(nested), { a: ['a', { a: 'a' }] }, 'keys and values, however deep')
})

t.test('broken EXIF is the same as none, whichever byte is broken', async (t) => {
  const path = await makePhoto(t.testdir(), 'a.jpg', (image) => image.withExif(CAMERA))
  const { exif } = await sharp(path).metadata()
  if (exif === undefined) return t.fail('Expected EXIF')
  for (let at = 0; at < exif.length; at += 1) {
    for (const value of [0, 0x7f, 0xff]) {
      const broken = Buffer.from(exif)
      broken[at] = value
      const summary = summarizeExif(broken)
      const place = [summary.latitude ?? 0, summary.longitude ?? 0]
      if (!place.every(Number.isFinite)) t.fail(`byte ${at}: place`)
      if (/\\u00[01]/.test(JSON.stringify(summary))) t.fail(`byte ${at}: control characters`)
    }
  }
  t.same(summarizeExif(exif.subarray(0, 20)).metadata, {})
})

t.test('renditions are upright, small, of few bytes and carry no EXIF', async (t) => {
  const dir = t.testdir()
  const path = join(dir, 'a.jpg')
  await sharp(PHOTO).resize(2000, 1000).withExif(CAMERA).withMetadata({ orientation: 6 }).toFile(path)
  const { probe, renditions } = await develop(path)
  t.match(probe, { width: 1000, height: 2000 })
  const preview = await sharp(renditions.preview).metadata()
  t.match(preview, { format: 'webp', width: 720, height: 1440, exif: undefined, orientation: undefined })
  const thumbnail = await sharp(renditions.thumbnail).metadata()
  t.match(thumbnail, { format: 'webp', width: 128, height: 256, exif: undefined })
  const hash = Buffer.from(renditions.thumbhash, 'base64')
  t.ok(hash.length <= 30)
  t.ok(thumbHashToRGBA(hash).h > thumbHashToRGBA(hash).w)
})

t.test('a small picture is not enlarged', async (t) => {
  const path = await makePhoto(t.testdir(), 'a.png', (image) => image.resize(40, 30))
  const { renditions, still } = await develop(path)
  t.match(await sharp(renditions.preview).metadata(), { width: 40, height: 30 })
  t.match(still, { width: 40, height: 30 })
})

t.test('a picture of one row or one pixel works', async (t) => {
  const dir = t.testdir()
  for (const [width, height] of [
    [3000, 1],
    [1, 3000],
    [1, 1],
  ] as const) {
    const path = join(dir, 'a.png')
    await sharp({ create: { width, height, channels: 3, background: 'red' } }).toFile(path)
    const { probe, still } = await develop(path)
    t.match(probe, { width, height })
    t.equal(still.data.length, still.width * still.height * 3)
  }
})

t.test('every kind of picture comes out as the same red, green and blue', async (t) => {
  const dir = t.testdir()
  const expected = await media.loadStill(await makePhoto(dir, 'plain.png'), JPEG, 64)
  const kinds: [name: string, change: (image: Sharp) => Sharp, tolerance: number][] = [
    ['a.jpg', (image) => image.jpeg({ quality: 95 }), 4],
    ['16-bit.png', (image) => image.toColourspace('rgb16').png(), 4],
    ['a.gif', (image) => image.gif(), 8],
    ['a.avif', (image) => image.avif({ quality: 90 }), 5],
    ['a.tiff', (image) => image.tiff({ compression: 'lzw' }), 4],
    // Printing inks cannot show a saturated sky.
    ['cmyk.jpg', (image) => image.toColourspace('cmyk').jpeg({ quality: 95 }), 20],
    ['p3.jpg', (image) => image.withIccProfile('p3').jpeg({ quality: 95 }), 5],
    ['turned.jpg', (image) => image.rotate(90).withMetadata({ orientation: 8 }).jpeg({ quality: 95 }), 4],
  ]
  for (const [name, change, tolerance] of kinds) {
    const path = await makePhoto(dir, name, change)
    const { still, renditions } = await develop(path)
    t.match(still, { width: expected.width, height: expected.height }, name)
    t.ok(difference(still.data, expected.data) < tolerance, `${name}: ${difference(still.data, expected.data)}`)
    const shown = await pixelsOf(renditions.preview, expected)
    t.ok(difference(shown, expected.data) < tolerance + 3, `${name}, preview: ${difference(shown, expected.data)}`)
  }
})

t.test('a grey picture becomes red, green and blue', async (t) => {
  const path = await makePhoto(t.testdir(), 'grey.png', (image) => image.toColourspace('b-w'))
  const { still, renditions } = await develop(path)
  const [red, green, blue] = meanColour(still)
  t.ok(red === green && green === blue)
  t.match(await sharp(renditions.preview).metadata(), { channels: 3 })
})

t.test('the preview keeps the colour profile of a photo', async (t) => {
  const path = await makePhoto(t.testdir(), 'p3.jpg', (image) => image.withIccProfile('p3'))
  const { renditions } = await develop(path)
  t.ok((await sharp(renditions.preview).metadata()).icc)
  t.notOk((await sharp(renditions.thumbnail).metadata()).icc)
})

t.test('transparency is laid on white', async (t) => {
  const path = join(t.testdir(), 'a.png')
  await sharp({ create: { width: 50, height: 50, channels: 4, background: '#00000000' } }).toFile(path)
  const { renditions, still } = await develop(path)
  t.same(meanColour(still), [255, 255, 255])
  t.match(await sharp(renditions.preview).metadata(), { hasAlpha: false })
})

t.test('of an animation the first frame is shown', async (t) => {
  const dir = t.testdir()
  const frames = ['red', 'blue'].map(
    (background) => ({ create: { width: 40, height: 30, channels: 3, background } }) as const,
  )
  const pages = await Promise.all(frames.map((input) => sharp(input).png().toBuffer()))
  for (const name of ['a.gif', 'a.webp']) {
    const path = join(dir, name)
    await sharp(pages, { join: { animated: true } }).toFile(path)
    const { probe, still } = await develop(path)
    t.match(probe, { width: 40, height: 30, metadata: { pages: 2 } })
    t.match(still, { width: 40, height: 30 })
    t.ok(meanColour(still).every((level, channel) => Math.abs(level - (channel === 0 ? 255 : 0)) < 4))
  }
})

t.test('a HEIC is decoded upright and in its colours, in a thread of its own', async (t) => {
  const type = await media.identify(HEIC)
  const probe = await media.probe(HEIC, type)
  t.match(probe, { width: 260, height: 400, latitude: 47.5, longitude: 8.25, camera: 'Apple iPhone 15' })
  t.same(probe.takenAt, new Date('2024-05-01T10:00:00Z'))
  let still: Still | undefined
  const started = performance.now()
  const pause = await longestPause(async () => {
    still = await media.loadStill(HEIC, type, 400)
  })
  t.ok(pause < (performance.now() - started) / 2, `the event loop stood still for ${Math.round(pause)} ms at most`)
  const middle = await sharp(PHOTO).resize(400, 260, { fit: 'cover' }).toBuffer()
  const expected = await sharp(middle).rotate(90).raw().toBuffer()
  t.match(still, { width: 260, height: 400 })
  t.ok(difference(still?.data ?? new Uint8Array(), expected) < 6)
  const { preview } = await media.renderImage(HEIC, type)
  t.match(await sharp(preview).metadata(), { width: 260, height: 400 })
  t.ok((await sharp(preview).metadata()).icc, 'its profile is attached again')
})

t.test('a HEIC that is broken, too large or no longer wanted fails alone', async (t) => {
  const type = await media.identify(HEIC)
  const path = join(t.testdir(), 'broken.heic')
  const bytes = await readFile(HEIC)
  await writeFile(path, bytes.fill(0x55, bytes.indexOf('mdat') + 4))
  t.equal(await codeOf(media.loadStill(path, type, 64)), 'MEDIA_UNREADABLE')
  const abort = new AbortController()
  const waiting = media.loadStill(HEIC, type, 64, abort.signal)
  abort.abort(new Error('deleted'))
  await t.rejects(waiting, { message: 'deleted' })
  t.match(await media.loadStill(HEIC, type, 64), { height: 64 }, 'the next one works')
  const small = await createMedia({ imageMaxPixels: 50_000, videoMaxFrames: 1, ffmpegPath: undefined })
  t.equal(await codeOf(small.loadStill(HEIC, type, 64)), 'MEDIA_TOO_MANY_PIXELS')
  await Promise.all([small.close(), small.close()])
})

t.test('a small file of very many pixels is refused before it is decoded', async (t) => {
  const path = join(t.testdir(), 'bomb.png')
  await writeFile(path, emptyPng(16_000, 16_000))
  const type = await media.identify(path)
  const started = performance.now()
  t.equal(await codeOf(media.probe(path, type)), 'MEDIA_TOO_MANY_PIXELS')
  t.equal(await codeOf(media.renderImage(path, type)), 'MEDIA_TOO_MANY_PIXELS')
  t.equal(await codeOf(media.loadStill(path, type, 64)), 'MEDIA_TOO_MANY_PIXELS')
  t.ok(performance.now() - started < 5000)
})

t.test('what cannot be decoded fails with a sentence for its owner', async (t) => {
  const dir = t.testdir({ 'text.jpg': 'not a picture' })
  const cut = join(dir, 'cut.jpg')
  const bytes = await readFile(PHOTO)
  await writeFile(cut, bytes.subarray(0, bytes.length / 2))
  const error = await media.renderImage(cut, JPEG).catch((thrown: unknown) => thrown)
  t.ok(error instanceof AppError && error.code === 'MEDIA_UNREADABLE' && error.cause instanceof Error)
  t.match(error, { message: /cut off/ })
  t.equal(await codeOf(media.probe(join(dir, 'text.jpg'), JPEG)), 'MEDIA_UNREADABLE')
  t.equal(await codeOf(media.renderImage(join(dir, 'gone.jpg'), JPEG)), 'FILE_MISSING')
})

t.test('a drawing is not decoded, whatever it is called', async (t) => {
  const dir = t.testdir({ 'a.jpg': '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"></svg>' })
  t.equal(await codeOf(media.renderImage(join(dir, 'a.jpg'), JPEG)), 'MEDIA_UNREADABLE')
})

t.test('an abort is passed on as it is', async (t) => {
  const signal = AbortSignal.abort(new Error('deleted'))
  await t.rejects(media.probe(PHOTO, JPEG, signal), { message: 'deleted' })
  await t.rejects(media.renderImage(PHOTO, JPEG, signal), { message: 'deleted' })
  await t.rejects(media.loadStill(PHOTO, JPEG, 64, signal), { message: 'deleted' })
})

/** A JPEG with EXIF of ASCII tags that hold these bytes, whatever they are. */
function withTextTags(jpeg: Buffer, tags: Readonly<Record<number, Buffer>>): Buffer {
  const entries = Object.entries(tags)
  const directory = Buffer.alloc(2 + entries.length * 12 + 4)
  directory.writeUInt16BE(entries.length)
  let valueOffset = 8 + directory.length
  for (const [index, [tag, value]] of entries.entries()) {
    const at = 2 + index * 12
    directory.writeUInt16BE(Number(tag), at)
    directory.writeUInt16BE(2, at + 2)
    directory.writeUInt32BE(value.length, at + 4)
    directory.writeUInt32BE(valueOffset, at + 8)
    valueOffset += value.length
  }
  const header = Buffer.from('Exif\0\0MM\0*\0\0\0\x08', 'latin1')
  const body = Buffer.concat([header, directory, ...entries.map(([, value]) => value)])
  const marker = Buffer.from([0xff, 0xe1, 0, 0])
  marker.writeUInt16BE(body.length + 2, 2)
  return Buffer.concat([jpeg.subarray(0, 2), marker, body, jpeg.subarray(2)])
}

async function pixelsOf(webp: Uint8Array, { width, height }: Still): Promise<Uint8Array> {
  return sharp(webp).resize(width, height).toColourspace('srgb').raw().toBuffer()
}

/** A black PNG of one bit per pixel: a few kilobytes, however large. */
function emptyPng(width: number, height: number): Buffer {
  const header = Buffer.from([0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0])
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  const rows = deflateSync(Buffer.alloc(height * (1 + width / 8)))
  const chunks = [['IHDR', header] as const, ['IDAT', rows] as const, ['IEND', Buffer.alloc(0)] as const]
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    ...chunks.map(([type, data]) => pngChunk(type, data)),
  ])
}

function pngChunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const frame = Buffer.alloc(8)
  frame.writeUInt32BE(data.length, 0)
  frame.writeUInt32BE(crc32(body), 4)
  return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)])
}
