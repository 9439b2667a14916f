import { appendFile, readFile, stat, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import sharp from 'sharp'
import t, { type Test } from 'tap'
import { AppError } from '#src/errors.js'
import { createMedia } from '#src/media/create-media.js'
import { codeOf, FFMPEGS, HEIC, longestPause, makePhoto, makeVideo, PHOTO } from '../helpers/media-samples.ts'

const media = await createMedia({ imageMaxPixels: 100_000_000, videoMaxFrames: 10, ffmpegPath: undefined })
t.teardown(() => media.close())
const { identify } = media

const CLIP = '-f lavfi -i testsrc2=s=160x120:r=10:d=2 -f lavfi -i sine=d=2'
const H264 = `${CLIP} -c:v libx264 -preset ultrafast -pix_fmt yuv420p -c:a aac`
const WITHOUT_FFMPEG = FFMPEGS.length === 0 ? 'there is no ffmpeg here' : false

/** Name of the file, what it is, and whether its container tells that it is whole. */
const IMAGES = [
  ['a.jpg', 'image/jpeg', true],
  ['a.png', 'image/png', true],
  ['a.webp', 'image/webp', true],
  ['a.avif', 'image/avif', true],
  ['a.gif', 'image/gif', true],
  ['a.tiff', 'image/tiff', true],
] as const
const VIDEOS = [
  ['a.mp4', 'video/mp4', true, H264],
  ['fast.mp4', 'video/mp4', true, `${H264} -movflags +faststart`],
  ['a.mov', 'video/quicktime', true, H264],
  ['a.3gp', 'video/3gpp', true, `${CLIP} -an -c:v mpeg4`],
  ['a.webm', 'video/webm', true, `${CLIP} -an -c:v libvpx`],
  ['a.mkv', 'video/matroska', true, H264],
  ['a.avi', 'video/vnd.avi', true, `${CLIP} -c:v mpeg4`],
  ['a.mpg', 'video/mpeg', false, `${CLIP} -r 25`],
  ['a.ts', 'video/mp2t', false, H264],
  ['a.flv', 'video/x-flv', false, `${CLIP} -ar 44100`],
] as const

/** What is known of a file that has just arrived. */
const arrived = (bytes: Uint8Array) => ({ sizeBytes: bytes.length, head: bytes.subarray(0, 64 * 1024) })

/** The file cut at every tenth of its length; what has just arrived says the same as a file that is read. */
async function verdictsOfCuts(dir: string, path: string): Promise<Set<string>> {
  const bytes = await readFile(path)
  const cut = join(dir, 'cut')
  const verdicts = new Set<string>()
  for (let tenth = 1; tenth < 10; tenth += 1) {
    const rest = bytes.subarray(0, Math.floor((bytes.length * tenth) / 10))
    await writeFile(cut, rest)
    verdicts.add(await codeOf(identify(cut))).add(await codeOf(identify(cut, arrived(rest))))
  }
  return verdicts
}

async function checkKind(t: Test, dir: string, path: string, mimeType: string, tellsItsEnd: boolean): Promise<void> {
  const type = await identify(path)
  t.equal(type.mimeType, mimeType)
  t.same(await identify(path, arrived(await readFile(path))), type, `${mimeType}, as it arrived`)
  t.equal(type.fileType, mimeType.split('/')[0])
  t.ok(media.acceptedTypes.includes(mimeType), `${mimeType} is among the accepted types`)
  t.same([...(await verdictsOfCuts(dir, path))], [tellsItsEnd ? 'UPLOAD_TRUNCATED' : 'fulfilled'], `${mimeType}, cut`)
}

t.test('pictures are known by their bytes, and cut ones by their containers', async (t) => {
  const dir = t.testdir()
  for (const [name, mimeType, tellsItsEnd] of IMAGES) {
    await checkKind(t, dir, await makePhoto(dir, name), mimeType, tellsItsEnd)
  }
  const progressive = await makePhoto(dir, 'progressive.jpg', (image) => image.jpeg({ progressive: true }))
  await checkKind(t, dir, progressive, 'image/jpeg', true)
  await checkKind(t, dir, HEIC, 'image/heic', true)
})

t.test('a small file that has just arrived is not opened again', async (t) => {
  const bytes = await readFile(await makePhoto(t.testdir(), 'small.jpg'))
  t.match(await identify(join(t.testdir(), 'nowhere'), arrived(bytes)), { mimeType: 'image/jpeg' })
  t.equal(await codeOf(identify(join(t.testdir(), 'nowhere'), arrived(new Uint8Array()))), 'UPLOAD_EMPTY')
  t.equal(await codeOf(identify(join(t.testdir(), 'nowhere'))), 'FILE_MISSING')
})

t.test('videos are known by their bytes, and cut ones by their containers', { skip: WITHOUT_FFMPEG }, async (t) => {
  const dir = t.testdir()
  for (const [name, mimeType, tellsItsEnd, args] of VIDEOS) {
    await checkKind(t, dir, await makeVideo(dir, name, args), mimeType, tellsItsEnd)
  }
})

t.test('a name means nothing', async (t) => {
  const path = join(t.testdir(), 'holiday.mp4')
  await writeFile(path, await readFile(PHOTO))
  t.same(await identify(path), { fileType: 'image', mimeType: 'image/jpeg', extension: 'jpg' })
})

t.test('the end of a thumbnail inside a JPEG is not taken for its own', async (t) => {
  const dir = t.testdir()
  const thumbnail = await sharp(PHOTO).resize(64).jpeg().toBuffer()
  const segment = Buffer.concat([
    Buffer.from([0xff, 0xe1, (thumbnail.length + 2) >> 8, (thumbnail.length + 2) & 255]),
    thumbnail,
  ])
  const photo = await readFile(PHOTO)
  const path = join(dir, 'photo.jpg')
  await writeFile(path, Buffer.concat([photo.subarray(0, 2), segment, photo.subarray(2)]))
  t.equal(await codeOf(identify(path)), 'fulfilled')
  await truncate(path, 100_000)
  t.equal(await codeOf(identify(path)), 'UPLOAD_TRUNCATED')
})

t.test('odd pictures that decode are not refused', async (t) => {
  const dir = t.testdir()
  const jpeg = await readFile(PHOTO)
  const png = await sharp(PHOTO).resize(64).png().toBuffer()
  const gif = await sharp(PHOTO).resize(64).gif().toBuffer()
  const webp = await sharp(PHOTO).resize(64).webp().toBuffer()
  const odd = {
    'a motion photo, with a video behind it': Buffer.concat([jpeg, await readFile(HEIC)]),
    'a JPEG padded with zeros': Buffer.concat([jpeg, Buffer.alloc(100_000)]),
    'a JPEG with fill bytes before a marker': Buffer.concat([
      jpeg.subarray(0, 2),
      Buffer.from([0xff, 0xff, 0xff]),
      jpeg.subarray(2),
    ]),
    'a PNG with something behind it': Buffer.concat([png, Buffer.from('made with love')]),
    'a PNG without the last checksum': png.subarray(0, -4),
    'a GIF without a trailer': gif.subarray(0, -1),
    'a GIF with something behind it': Buffer.concat([gif, Buffer.from('xyz')]),
    'a WebP with something behind it': Buffer.concat([webp, Buffer.alloc(9)]),
  }
  for (const [what, bytes] of Object.entries(odd)) {
    const path = join(dir, 'odd')
    await writeFile(path, bytes)
    t.equal(await codeOf(identify(path)), 'fulfilled', what)
    t.equal(await codeOf(identify(path).then((type) => media.renderImage(path, type))), 'fulfilled', `${what}, decoded`)
  }
})

t.test('odd videos that decode are not refused', { skip: WITHOUT_FFMPEG }, async (t) => {
  const dir = t.testdir()
  const film = await readFile(await makeVideo(dir, 'film.mp4', `${H264} -movflags +faststart`))
  const avi = await readFile(await makeVideo(dir, 'film.avi', `${CLIP} -c:v mpeg4`))
  const streamed = Buffer.from(avi)
  streamed.writeUInt32LE(0, 4)
  const untilTheEnd = Buffer.from(film)
  untilTheEnd.writeUInt32BE(0, film.indexOf('mdat') - 4)
  const odd = {
    'an MP4 padded with zeros': Buffer.concat([film, Buffer.alloc(5000)]),
    'an MP4 with a few bytes too many': Buffer.concat([film, Buffer.from('abc')]),
    'an MP4 with a last box that runs over the end': Buffer.concat([
      film,
      Buffer.from([0, 0, 9, 0]),
      Buffer.from('skip'),
    ]),
    'an MP4 whose data lasts until the end': untilTheEnd,
    'an AVI whose recorder never came back to write its size': streamed,
    'a fragmented MP4': await readFile(
      await makeVideo(dir, 'fragmented.mp4', `${H264} -movflags frag_keyframe+empty_moov -g 5`),
    ),
    'a live WebM, which knows neither size nor length': await readFile(
      await makeVideo(dir, 'live.webm', `${CLIP} -an -c:v libvpx -live 1`),
    ),
  }
  for (const [what, bytes] of Object.entries(odd)) {
    const path = join(dir, 'odd')
    await writeFile(path, bytes)
    t.equal(await codeOf(identify(path)), 'fulfilled', what)
    t.equal(await codeOf(identify(path).then((type) => media.probe(path, type))), 'fulfilled', `${what}, read`)
  }
})

t.test('what is not taken is refused with what it seems to be', async (t) => {
  const files = t.testdir({
    'text.jpg': 'Dear photo,\nwhere are you? Grüße',
    'page.png': '<!doctype html><script>alert(1)</script>',
    'drawing.svg': '<!-- hi --><svg xmlns="http://www.w3.org/2000/svg"><image href="file:///etc/passwd"/></svg>',
    'drawing.png': '<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"></svg>',
    'list.mp4': '#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n',
    'paper.jpg': '%PDF-1.7\n1 0 obj\n<<>>\nendobj\n',
    'nothing.jpg': Buffer.alloc(4000),
    'sound.mp4': Buffer.from('RIFF\x24\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0', 'latin1'),
  })
  const seems = {
    'text.jpg': 'plain text',
    'page.png': 'plain text',
    'drawing.svg': 'an SVG drawing',
    'drawing.png': 'an SVG drawing',
    'list.mp4': 'plain text',
    'paper.jpg': 'application/pdf',
    'nothing.jpg': 'of an unknown type',
    'sound.mp4': 'sound without a picture',
  }
  for (const [name, what] of Object.entries(seems)) {
    const refusal = await identify(join(files, name)).catch((thrown: unknown) => thrown)
    t.ok(refusal instanceof AppError && refusal.code === 'UPLOAD_TYPE_UNSUPPORTED', name)
    t.match(refusal, { message: what, extra: { accepted_types: media.acceptedTypes } })
  }
})

t.test('an empty file and a missing file are told apart', async (t) => {
  const dir = t.testdir({ 'empty.jpg': '' })
  t.equal(await codeOf(identify(join(dir, 'empty.jpg'))), 'UPLOAD_EMPTY')
  t.equal(await codeOf(identify(join(dir, 'missing.jpg'))), 'FILE_MISSING')
})

t.test('a file of eight gigabytes is not read', { skip: WITHOUT_FFMPEG }, async (t) => {
  const dir = t.testdir()
  const path = await makeVideo(dir, 'large.mp4', `${H264} -movflags +faststart`)
  const header = Buffer.from('\0\0\0\x01mdat\0\0\0\0\0\0\0\0', 'latin1')
  const length = 8n * 1024n ** 3n
  header.writeBigUInt64BE(length, 8)
  const { size } = await stat(path)
  await appendFile(path, header)
  await truncate(path, size + Number(length))
  const before = process.memoryUsage().rss
  t.equal(await codeOf(identify(path)), 'fulfilled')
  t.ok(process.memoryUsage().rss - before < 50_000_000, 'memory stays as it was')
  await truncate(path, size + Number(length) - 1)
  t.equal(await codeOf(identify(path)), 'UPLOAD_TRUNCATED')
})

t.test('a file of a million empty chunks does not stop everything else', async (t) => {
  const dir = t.testdir()
  const png = await sharp(PHOTO).resize(8).png().toBuffer()
  const chunk = Buffer.from('\0\0\0\0teSt\0\0\0\0', 'latin1')
  const path = join(dir, 'slow.png')
  await writeFile(path, Buffer.concat([png.subarray(0, 33), Buffer.alloc(1_000_000 * chunk.length, chunk)]))
  const started = performance.now()
  const pause = await longestPause(() => codeOf(identify(path)))
  t.ok(pause < (performance.now() - started) / 2, `the event loop stood still for ${Math.round(pause)} ms at most`)
})
