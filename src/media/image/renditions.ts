import sharp, { type Sharp } from 'sharp'
import { rgbaToThumbHash } from 'thumbhash'
import type { Renditions, Still } from '../media.ts'
import { perceptualHash } from './perceptual-hash.ts'

const PREVIEW_SIDE = 1440
const THUMBNAIL_SIDE = 256
/** What thumbhash takes at most. */
const THUMBHASH_SIDE = 100
/** Half the time of the default effort for 4 % more bytes. */
const PREVIEW_WEBP = { quality: 80, effort: 2 } as const
const THUMBNAIL_WEBP = { quality: 75, effort: 4 } as const
const WHITE = '#ffffff'

/**
 * Makes everything that is shown of a picture. It is decoded once, for the preview; the rest is made of the preview.
 * No rendition carries EXIF: where a photo was taken is not for whoever sees it.
 * @param keepsProfile whether the preview stays in the colours of the original, which saves converting twelve million
 *   pixels; only for pictures that are red, green and blue already
 */
export async function makeRenditions(image: Sharp, keepsProfile: boolean): Promise<Renditions> {
  const upright = image.autoOrient().resize(fitInside(PREVIEW_SIDE)).flatten({ background: WHITE })
  const preview = await (keepsProfile ? upright.keepIccProfile() : upright).webp(PREVIEW_WEBP).toBuffer()
  const small = await toStill(sharp(preview), THUMBNAIL_SIDE)
  const [thumbnail, thumbhash, hash] = await Promise.all([
    fromStill(small).webp(THUMBNAIL_WEBP).toBuffer(),
    makeThumbhash(small),
    perceptualHash(small),
  ])
  return { preview, thumbnail, thumbhash, perceptualHash: hash }
}

/** Decodes to sRGB pixels, upright, transparency on white, at most `maxSide` on the longer side. */
export async function toStill(image: Sharp, maxSide: number): Promise<Still> {
  const { data, info } = await image
    .autoOrient()
    .resize(fitInside(maxSide))
    .flatten({ background: WHITE })
    .toColourspace('srgb')
    .removeAlpha()
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true })
  return { data, width: info.width, height: info.height }
}

export function fromStill({ data, width, height }: Still): Sharp {
  return sharp(data, { raw: { width, height, channels: 3 } })
}

function fitInside(side: number) {
  return { width: side, height: side, fit: 'inside', withoutEnlargement: true } as const
}

async function makeThumbhash(still: Still): Promise<string> {
  const { data, info } = await fromStill(still)
    .resize(fitInside(THUMBHASH_SIDE))
    .ensureAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true })
  return Buffer.from(rgbaToThumbHash(info.width, info.height, data)).toString('base64')
}
