import { execFile, execFileSync } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import sharp from 'sharp'
import t, { type Test } from 'tap'
import { createMedia } from '#src/media/create-media.js'
import type { Frame, Media, MediaType } from '#src/media/media.js'
import { extractVideoFrames } from '#src/media/video/extract-frames.js'
import { createFfmpeg, type Ffmpeg } from '#src/media/video/ffmpeg/ffmpeg.js'
import { parseClock } from '#src/media/video/ffmpeg/report.js'
import { runProcess } from '#src/media/video/ffmpeg/run.js'
import { planSampling } from '#src/media/video/frame-sampling.js'
import { plausibleDuration, toTimeMs } from '#src/media/video/video-time.js'
import { codeOf, FFMPEGS, makeColours, makeVideo, meanColour, OTHER_PHOTO, PHOTO } from '../helpers/media-samples.ts'

const MP4: MediaType = { fileType: 'video', mimeType: 'video/mp4', extension: 'mp4' }
const CLIP = '-f lavfi -i testsrc2=s=160x120:r=10:d=2'
const SOUND = '-f lavfi -i sine=d=2'
const H264 = '-c:v libx264 -preset ultrafast -pix_fmt yuv420p'
const COLOURS = ['red', 'lime', 'blue', 'white', 'black']

/** The nearest of COLOURS. */
function nameColour(frame: Frame): string {
  const [red = 0, green = 0, blue = 0] = meanColour(frame).map((level) => (level > 127 ? 1 : 0))
  return { 100: 'red', 10: 'lime', 1: 'blue', 111: 'white', 0: 'black' }[red * 100 + green * 10 + blue] ?? 'another'
}

async function extract(media: Media, path: string, maxSide = 64) {
  const type = await media.identify(path)
  const probe = await media.probe(path, type)
  return { probe, frames: await media.extractFrames(path, probe, { maxSide }) }
}

function first(frames: readonly Frame[]): Frame {
  const [frame] = frames
  if (frame === undefined) throw new Error('Expected a frame')
  return frame
}

/** Whether an ffmpeg without any precautions takes pictures from this. */
async function worksUnguarded(media: Media, path: string): Promise<boolean> {
  const args = ['-nostdin', '-i', path, '-frames:v', '1', '-c:v', 'ppm', '-f', 'image2pipe', '-']
  const limits = { timeoutMs: 20_000, maxStdoutBytes: 1_000_000 }
  return (await runProcess(media.ffmpeg?.path ?? '', args, limits)).stdout.length > 0
}

/** What the database's 32-bit integers hold. */
function isTime(timeMs: number): boolean {
  return Number.isInteger(timeMs) && timeMs >= 0 && timeMs < 2 ** 31
}

type Check = (t: Test, media: Media, dir: string) => Promise<unknown>

const CHECKS: Record<string, Check> = {
  async 'a probe tells size, length, codec, sound, time, place and camera'(t, media, dir) {
    const tags = {
      creation_time: '2024-05-01T10:00:00Z',
      'com.apple.quicktime.creationdate': '2024-05-01T13:00:00+0200',
      'com.apple.quicktime.location.ISO6709': '+47.5000-008.2500+450.000/',
      'com.apple.quicktime.make': 'Apple',
      'com.apple.quicktime.model': 'Apple\u202eiPhone',
    }
    const metadata = Object.entries(tags).map(([name, value]) => `-metadata ${name}=${value}`)
    const output = `${metadata.join(' ')} -movflags use_metadata_tags`
    const probe = await media.probe(await makeVideo(dir, 'a.mp4', `${CLIP} ${SOUND} ${H264} -c:a aac ${output}`), MP4)
    t.match(probe, {
      width: 160,
      height: 120,
      latitude: 47.5,
      longitude: -8.25,
      camera: 'AppleiPhone',
    })
    t.same(probe.takenAt, new Date('2024-05-01T11:00:00Z'))
    t.match(probe.metadata, { codec: 'h264', frame_rate: 10, rotation: 0, has_audio: true, audio_codec: 'aac' })
    const late = `${CLIP} ${H264} -metadata com.apple.quicktime.creationdate=9999-12-31T23:59:59-0100`
    const tooLate = await media.probe(await makeVideo(dir, 'late.mp4', `${late} -movflags use_metadata_tags`), MP4)
    t.equal(tooLate.takenAt, undefined, 'the year 10000 in UTC')
    const silent = await media.probe(await makeVideo(dir, 'b.mp4', `${CLIP} ${H264}`), MP4)
    t.match(silent, { takenAt: undefined, latitude: undefined, camera: undefined, metadata: { has_audio: false } })
  },

  async 'a turned video and one of oblong pixels come out as they are seen'(t, media, dir) {
    const upright = await makeVideo(dir, 'a.mp4', `${CLIP} ${H264}`)
    const turned = await extract(media, await makeVideo(dir, 'b.mp4', `-i ${upright} -c copy -metadata:s:v rotate=90`))
    t.match(turned.probe, { width: 120, height: 160 })
    t.match(turned.frames[0], { width: 48, height: 64 })
    const wide = await extract(media, await makeVideo(dir, 'c.mp4', `${CLIP} -vf setsar=2 ${H264}`))
    t.match(wide.probe, { width: 320, height: 120 })
    t.match(wide.frames[0], { width: 64, height: 24 })
    t.match((await extract(media, upright, 1000)).frames[0], { width: 160, height: 120 }, 'nothing is enlarged')
  },

  async 'frames come from all over the video, in order and with their times'(t, media, dir) {
    for (const [seconds, gop, what] of [
      [2, 250, 'a short one'],
      [8, 10, 'a long one'],
      [8, 400, 'a long one of a single key frame'],
    ] as const) {
      const { frames } = await extract(media, await makeColours(dir, COLOURS, seconds, gop))
      t.same(frames.map(nameColour), COLOURS, what)
      const colours = frames.map(({ timeMs }) => COLOURS[Math.floor(timeMs / 1000 / seconds)])
      t.same(colours, COLOURS, `${what}: times`)
    }
  },

  async 'a length that no video has gives frames with times that can be kept'(t, media, dir) {
    const path = await makeColours(dir, COLOURS, 2, 250)
    for (const durationSeconds of [Number.POSITIVE_INFINITY, Number.NaN, -1, 1e300, 2_147_484]) {
      const probe = { width: 64, height: 48, durationSeconds, metadata: {} }
      const frames = await media.extractFrames(path, probe, { maxSide: 64 })
      t.same(frames.map(({ timeMs }) => timeMs).every(isTime), true, String(durationSeconds))
    }
  },

  async 'no more frames than wanted, each its own'(t, media, dir) {
    const path = await makeVideo(dir, 'a.mp4', `-f lavfi -i testsrc2=s=160x120:r=10:d=20 ${H264} -g 10`)
    const { frames } = await extract(media, path)
    t.equal(frames.length, 10)
    t.equal(new Set(frames.map(({ timeMs }) => timeMs)).size, 10)
    const still = await makeVideo(
      dir,
      'b.mp4',
      `-loop 1 -t 5 -r 5 -i ${PHOTO} -vf scale=640:-2,noise=alls=10:allf=t ${H264}`,
    )
    t.equal((await extract(media, still, 512)).frames.length, 1, 'a video in which nothing happens has one')
  },

  async 'every kind of video gives frames'(t, media, dir) {
    const kinds = {
      'a.mov': `${CLIP} ${H264}`,
      'a.mkv': `${CLIP} ${H264}`,
      'a.webm': `${CLIP} -c:v libvpx`,
      'vp9.webm': `${CLIP} -c:v libvpx-vp9 -deadline realtime -cpu-used 8`,
      'hevc.mp4': `${CLIP} -c:v libx265 -pix_fmt yuv420p -x265-params log-level=none`,
      'a.avi': `${CLIP} -c:v mpeg4`,
      'motion.avi': `${CLIP} -c:v mjpeg -pix_fmt yuvj420p`,
      'a.mpg': `${CLIP} -r 25`,
      'a.ts': `${CLIP} ${H264}`,
      'a.flv': `${CLIP}`,
      'one.mp4': `-f lavfi -i testsrc2=s=160x120:r=25 -frames:v 1 ${H264}`,
      'odd.mp4': `-f lavfi -i testsrc2=s=161x121:r=10:d=1 -c:v libx264 -pix_fmt yuv444p`,
      'tiny.mp4': `-f lavfi -i testsrc2=s=16x2:r=10:d=1 ${H264}`,
      'uneven.mkv': `${CLIP} -vf select='not(mod(n,7))+lt(n,3)' -vsync vfr ${H264}`,
      'live.webm': `${CLIP} -c:v libvpx -live 1`,
    }
    for (const [name, args] of Object.entries(kinds)) {
      const { probe, frames } = await extract(media, await makeVideo(dir, name, args))
      t.ok(frames.length > 0 && frames.every(({ data, width, height }) => data.length === width * height * 3), name)
      t.ok((probe.durationSeconds ?? 0) > 0, `${name}: ${probe.durationSeconds} s`)
    }
  },

  async 'a damaged video gives what can be decoded'(t, media, dir) {
    const bytes = await readFile(await makeVideo(dir, 'a.ts', `${CLIP} ${H264} -g 5`))
    const path = join(dir, 'damaged.ts')
    await writeFile(path, bytes.subarray(0, bytes.length / 2))
    t.ok((await extract(media, path)).frames.length > 0, 'cut')
    await writeFile(path, Buffer.from(bytes).fill(0x47, 9400, 11_280))
    t.ok((await extract(media, path)).frames.length > 0, 'with a hole')
  },

  async 'cover art is not the video'(t, media, dir) {
    const cover = `-i ${OTHER_PHOTO} -map 0:v -map 1:v -c:v:0 libx264 -pix_fmt:v:0 yuv420p -c:v:1 mjpeg -disposition:v:1 attached_pic`
    const filmed = await extract(media, await makeVideo(dir, 'a.mp4', `${CLIP} ${cover}`))
    t.match(filmed.probe, { width: 160, height: 120 })
    const song = `${SOUND} -i ${OTHER_PHOTO} -map 0 -map 1 -c:a aac -c:v mjpeg -disposition:v attached_pic`
    const sung = await makeVideo(dir, 'b.mp4', song)
    t.equal(await codeOf(media.probe(sung, MP4)), 'VIDEO_NO_PICTURE')
    t.equal(await codeOf(media.probe(await makeVideo(dir, 'c.mp4', `${SOUND} -c:a aac`), MP4)), 'VIDEO_NO_PICTURE')
  },

  async 'a video in HLG is mapped to what a screen shows'(t, media, dir) {
    const hdr = 'colorprim=bt2020:transfer=arib-std-b67:colormatrix=bt2020nc:log-level=none'
    const path = await makeVideo(dir, 'a.mp4', `${CLIP} -c:v libx265 -pix_fmt yuv420p10le -x265-params ${hdr}`)
    const { probe, frames } = await extract(media, path)
    t.equal(probe.metadata.hdr_transfer, 'arib-std-b67')
    const unmapped = await media.extractFrames(path, { ...probe, metadata: {} }, { maxSide: 64 })
    t.notSame(frames.map(meanColour), unmapped.map(meanColour))
    t.match(frames[0], { width: 64, height: 48 })
  },

  async 'a playlist that calls itself a video reads no other file'(t, media, dir) {
    const canary = await makeVideo(dir, 'canary.ts', `${CLIP} ${H264}`)
    const traps = {
      'hls.mp4': `#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\n${canary}\n#EXT-X-ENDLIST\n`,
      'concat.mp4': `ffconcat version 1.0\nfile canary.ts\n`,
      'dash.mp4': `<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" mediaPresentationDuration="PT2S"><Period><AdaptationSet mimeType="video/mp4"><Representation id="1"><BaseURL>file:${canary}</BaseURL></Representation></AdaptationSet></Period></MPD>`,
      'text.mp4': 'nothing to see',
    }
    for (const [name, text] of Object.entries(traps)) {
      const path = join(dir, name)
      await writeFile(path, text)
      t.equal(await codeOf(media.identify(path)), 'UPLOAD_TYPE_UNSUPPORTED', name)
      t.equal(await codeOf(media.probe(path, MP4)), 'MEDIA_UNREADABLE', `${name}, probed`)
      const frames = media.extractFrames(path, { width: 1, height: 1, metadata: {} }, { maxSide: 64 })
      t.equal(await codeOf(frames), 'MEDIA_UNREADABLE', `${name}, opened`)
    }
    t.ok(await worksUnguarded(media, join(dir, 'hls.mp4')), 'the trap is one')
    t.ok(await worksUnguarded(media, join(dir, 'concat.mp4')), 'this one too')
  },

  async 'a video of more pixels than any camera has is refused'(t, media, dir) {
    const path = await makeVideo(
      dir,
      'a.avi',
      '-f lavfi -i color=red:s=8000x4500 -frames:v 1 -c:v mjpeg -pix_fmt yuvj420p',
    )
    t.equal(await codeOf(media.probe(path, MP4)), 'MEDIA_TOO_MANY_PIXELS')
  },

  async 'frames that say they are years apart take neither time nor memory'(t, media, dir) {
    const path = await makeVideo(dir, 'years.avi', '-f lavfi -i testsrc2=s=64x48:r=5:d=1 -c:v mpeg4')
    const bytes = await readFile(path)
    // The time base of the stream: five ticks in 34 years.
    const scaleAt = bytes.indexOf('strh') + 28
    bytes.writeUInt32LE(0x40000001, scaleAt)
    bytes.writeUInt32LE(5, scaleAt + 4)
    await writeFile(path, bytes)
    const ffmpeg = createFfmpeg(media.ffmpeg)
    const exitCodes: unknown[] = []
    const recorded: Ffmpeg = {
      ...ffmpeg,
      async run(call) {
        const result = await ffmpeg.run(call)
        exitCodes.push(result.exitCode)
        return result
      },
    }
    const probe = await media.probe(path, MP4)
    const frames = await extractVideoFrames({ ffmpeg: recorded, path, probe, maxSide: 64, signal: undefined }, 10)
    t.equal(frames.length, 1)
    t.ok(exitCodes.length > 0 && exitCodes.every((code) => code === 0), 'none ran out of memory')
  },

  async 'an abort ends ffmpeg at once, even one that hangs'(t, media, dir) {
    const pipe = join(dir, `${media.ffmpeg?.version}.mp4`)
    execFileSync('mkfifo', [pipe])
    const abort = new AbortController()
    const hanging = media.probe(pipe, MP4, abort.signal)
    setImmediate(() => abort.abort(new Error('deleted')))
    const started = performance.now()
    await t.rejects(hanging, { message: 'deleted' })
    t.ok(performance.now() - started < 5000)
    const path = media.ffmpeg?.path ?? ''
    const options = { timeoutMs: 100, maxStdoutBytes: 10 }
    t.equal(await codeOf(runProcess(path, ['-nostdin', '-i', pipe], options)), 'MEDIA_TIMEOUT')
    const endless = ['-nostdin', '-f', 'lavfi', '-i', 'testsrc2', '-f', 'rawvideo', '-']
    t.equal(await codeOf(runProcess(path, endless, { ...options, timeoutMs: 20_000 })), 'MEDIA_UNREADABLE')
  },

  async 'a frame becomes the same renditions as a picture'(t, media, dir) {
    const { frames } = await extract(media, await makeVideo(dir, 'a.mp4', `${CLIP} ${H264}`), 1440)
    const { preview, thumbnail, thumbhash } = await media.renderFrame(first(frames))
    t.match(await sharp(preview).metadata(), { format: 'webp', width: 160, height: 120 })
    t.match(await sharp(thumbnail).metadata(), { format: 'webp', width: 160, height: 120 })
    t.match(thumbhash, /^[\w+/=]{20,40}$/)
  },
}

const medias = await Promise.all(
  FFMPEGS.map((ffmpegPath) => createMedia({ imageMaxPixels: 100_000_000, videoMaxFrames: 10, ffmpegPath })),
)
t.teardown(() => Promise.all(medias.map((media) => media.close())))

for (const [title, check] of Object.entries(CHECKS)) {
  t.test(title, async (t) => {
    const dir = t.testdir()
    for (const media of medias) await t.test(`ffmpeg ${media.ffmpeg?.version}`, (t) => check(t, media, dir))
  })
}

t.test('a configured ffmpeg that is none stops the start, and without any, videos say so', async (t) => {
  for (const ffmpegPath of ['/nowhere/ffmpeg', process.execPath]) {
    const start = createMedia({ imageMaxPixels: 1_000_000, videoMaxFrames: 1, ffmpegPath })
    t.equal(await codeOf(start), 'CONFIG_INVALID')
  }
  t.equal(await codeOf(createFfmpeg(undefined).run({ path: PHOTO, output: [], timeoutMs: 1 })), 'VIDEO_TOOL_MISSING')
})

const skip = process.platform === 'linux' ? false : 'only Linux holds a program to an amount of memory'
t.test(
  'a program gets no more than 3 GiB of memory, and one that is not there is told as such',
  { skip },
  async (t) => {
    const options = { timeoutMs: 20_000, maxStdoutBytes: 1000 }
    const take = (gib: number) => ['-p', `Buffer.alloc(${gib} * 2 ** 30).length`]
    t.match(await runProcess(process.execPath, take(1), options), { exitCode: 0, stdout: Buffer.from(`${2 ** 30}\n`) })
    const refused = await runProcess(process.execPath, take(4), options)
    t.not(refused.exitCode, 0)
    t.match(refused.stderr, /allocation failed/)
    await t.rejects(runProcess('/nowhere/ffmpeg', [], options), { code: 'ENOENT', syscall: 'spawn /nowhere/ffmpeg' })
  },
)

t.test('times and lengths', async (t) => {
  t.equal(parseClock('  Duration: 01:02:03.50, start: 0.000000, bitrate: 12 kb/s'), 3723.5)
  const absurd = [
    'N/A',
    '00:00:00.00',
    '-00:00:01.00',
    '-577014:32:22.77',
    '596:31:23.65',
    `${'9'.repeat(400)}:00:00.00`,
  ]
  for (const clock of absurd) t.equal(parseClock(`time=${clock}`), undefined, clock.slice(0, 20))
  t.equal(plausibleDuration(2_147_483.647), 2_147_483.647, 'the longest')
  t.equal(plausibleDuration(Number.NaN), undefined)

  const seconds = [-1, -0, 0, 0.0004, 1.2345, 2_147_483.647, 2_147_483.648, 1e300, Number.NaN, Number.POSITIVE_INFINITY]
  const last = 2 ** 31 - 1
  t.strictSame(seconds.map(toTimeMs), [0, 0, 0, 0, 1235, last, last, last, 0, last])

  for (const duration of [undefined, Number.NaN, Number.POSITIVE_INFINITY, 1e300, 2_147_483.647]) {
    const { count, times } = planSampling(duration, 10)
    t.ok(count >= 1 && times.length === count && times.map(toTimeMs).every(isTime), String(duration))
  }
})

t.test('a program that gets no file descriptors fails alone, and the next one starts', async (t) => {
  const program = fileURLToPath(new URL('../helpers/media-no-files-left.ts', import.meta.url))
  const command = 'ulimit -n 256; exec "$0" --import tsx "$1"'
  const { stdout } = await promisify(execFile)('sh', ['-c', command, process.execPath, program])
  t.same(JSON.parse(stdout), {
    system: 'EMFILE',
    code: 'INTERNAL',
    filters: 'INTERNAL',
    exitCode: 0,
    filtersLater: 'fulfilled',
  })
})
