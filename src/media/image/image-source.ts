import sharp, { type Metadata, type Sharp } from 'sharp'
import { AppError } from '../../errors.ts'
import type { HeicDecoder } from './heic.ts'

/** The slowest picture within the pixel limit, an AVIF, takes some twenty seconds on a busy machine. */
const TIMEOUT_SECONDS = 60

/** The formats that are taken. libvips reads many more, some of them programs that read other files, as SVG does. */
const LOADERS = ['Jpeg', 'Png', 'Webp', 'Heif', 'Nsgif', 'Tiff'].map((name) => `VipsForeignLoad${name}`)

/** The profile of a grey or CMYK picture makes no sense in a WebP, which is always red, green and blue. */
const RGB_SPACES: ReadonlySet<string> = new Set(['srgb', 'rgb', 'rgb16', 'scrgb'])

/** Settings that sharp keeps for the whole process. */
export function configureSharp(): void {
  sharp.block({ operation: ['VipsForeignLoad'] })
  sharp.unblock({ operation: LOADERS })
  // Several pictures at a time use the cores better than several threads on one.
  sharp.concurrency(1)
  // No file is opened twice in a row, so what is cached is only in the way.
  sharp.cache(false)
}

export interface OpenedImage {
  readonly image: Sharp
  /** Whether it is red, green and blue, so that renditions can keep its colour profile. */
  readonly keepsProfile: boolean
}

export interface ImageSource {
  /** What the header says, without decoding. */
  readMetadata(path: string): Promise<Metadata>
  /** A picture to be decoded; not upright yet. */
  open(path: string, signal?: AbortSignal): Promise<OpenedImage>
}

/** Opens picture files under the limits that keep a hostile one from taking the machine. */
export function createImageSource({ maxPixels, heic }: { maxPixels: number; heic: HeicDecoder }): ImageSource {
  function load(input: string | Uint8Array): Sharp {
    return sharp(input, { failOn: 'truncated', limitInputPixels: maxPixels }).timeout({ seconds: TIMEOUT_SECONDS })
  }

  async function readMetadata(path: string): Promise<Metadata> {
    const metadata = await load(path).metadata()
    if (metadata.width * metadata.height > maxPixels) throw new AppError('MEDIA_TOO_MANY_PIXELS')
    return metadata
  }

  async function open(path: string, signal?: AbortSignal): Promise<OpenedImage> {
    const { compression, icc, space } = await readMetadata(path)
    const keepsProfile = RGB_SPACES.has(space)
    if (compression !== 'hevc') return { image: load(path), keepsProfile }
    const tiff = await heic.decode({ path, maxPixels, profile: icc }, signal)
    return { image: load(tiff), keepsProfile }
  }

  return { readMetadata, open }
}
