import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import sharp from 'sharp'
import { HEIC, makeVideo } from '../../../helpers/media-samples.ts'

export interface Original {
  extension: string
  bytes: Buffer
}

const SIZE = 48
const EXIF = { IFD0: { Make: 'Canary', Model: 'Nº 1', ImageDescription: 'plain' } }

/** One small sound file of every format that is taken, for changing. `dir`: where ffmpeg may write. */
export async function makeOriginals(dir: string): Promise<[Original, ...Original[]]> {
  const pixels = Buffer.from(
    Array.from({ length: SIZE * SIZE * 3 }, (_, index) => (index * 7 + (index >> 5) * 31) & 255),
  )
  const picture = () => sharp(pixels, { raw: { width: SIZE, height: SIZE, channels: 3 } }).withExif(EXIF)
  const pictures = [
    { extension: 'jpg', bytes: await picture().jpeg().toBuffer() },
    { extension: 'jpg', bytes: await picture().jpeg({ progressive: true }).toBuffer() },
    { extension: 'png', bytes: await picture().png().toBuffer() },
    { extension: 'webp', bytes: await picture().webp().toBuffer() },
    { extension: 'webp', bytes: await picture().webp({ lossless: true }).toBuffer() },
    { extension: 'avif', bytes: await picture().avif({ effort: 0 }).toBuffer() },
    { extension: 'gif', bytes: await picture().gif().toBuffer() },
    { extension: 'tif', bytes: await picture().tiff({ compression: 'lzw' }).toBuffer() },
    { extension: 'tif', bytes: await picture().tiff({ compression: 'none' }).toBuffer() },
    { extension: 'heic', bytes: await readFile(HEIC) },
  ] as const
  const clip = '-f lavfi -i testsrc=duration=1:size=64x48:rate=5'
  const h264 = `${clip} -c:v libx264 -preset ultrafast -pix_fmt yuv420p`
  const recipes = [
    ['mp4', h264],
    ['mov', h264],
    ['mkv', h264],
    ['flv', h264],
    ['webm', `${clip} -c:v libvpx -b:v 100k`],
    ['avi', `${clip} -c:v mpeg4`],
    ['mpg', `${clip} -r 25 -c:v mpeg2video`],
  ] as const
  const videos: Original[] = []
  for (const [extension, args] of recipes) {
    videos.push({ extension, bytes: await readFile(await makeVideo(dir, `original.${extension}`, args)) })
  }
  return [...pictures, ...videos]
}

/** A film of nothing but magenta: whatever shows magenta has read a file that was not handed over. */
export async function makeCanaryVideo(dir: string): Promise<string> {
  await makeVideo(dir, 'canary.mp4', '-f lavfi -i color=magenta:s=64x48:r=5:d=1 -c:v libx264 -preset ultrafast')
  return join(dir, 'canary.mp4')
}
