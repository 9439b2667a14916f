import { Type } from 'typebox'
import { AppError } from '../errors.ts'
import type { Normalisation } from './normalisation.ts'
import type { PixelImage } from './pack.ts'
import type { PackFiles } from './pack-files.ts'
import { type Kernel, type OwnedPixels, resizeAndCrop } from './pixels.ts'

/** What a model wants done to a picture before it sees it: the numbers of a `preprocessor_config.json`. */
export interface PictureInput {
  /** `edge`: the shorter side in pixels, proportions kept; a size: stretched to it; undefined: left as it is. */
  readonly resize: { readonly edge: number } | Size | undefined
  /** Cut out of the middle after that. */
  readonly crop: Size | undefined
  readonly kernel: Kernel
  readonly normalisation: Normalisation
}

interface Size {
  readonly width: number
  readonly height: number
}

/** PIL's numbers of filters, and what sharp calls the same; box (4) and hamming (5) it does not have. */
const KERNELS: readonly (Kernel | undefined)[] = ['nearest', 'lanczos3', 'linear', 'cubic']
const BICUBIC = 3

const Side = Type.Integer({ minimum: 1, maximum: 4096 })
const SizeSchema = Type.Union([
  Side,
  Type.Object({ shortest_edge: Side }),
  Type.Object({ height: Side, width: Side }),
  Type.Null(),
])
const Channels = Type.Array(Type.Number(), { minItems: 3, maxItems: 3 })
const Flag = Type.Optional(Type.Union([Type.Boolean(), Type.Null()]))

const PreprocessorSchema = Type.Object({
  do_resize: Flag,
  size: Type.Optional(SizeSchema),
  resample: Type.Optional(Type.Integer()),
  do_center_crop: Flag,
  crop_size: Type.Optional(SizeSchema),
  do_rescale: Flag,
  rescale_factor: Type.Optional(Type.Number()),
  do_normalize: Flag,
  image_mean: Type.Optional(Channels),
  image_std: Type.Optional(Channels),
})

/**
 * Reads how a model wants its pictures.
 * @param side overrides the size of the file: pictures are stretched to a square of so many pixels.
 * @throws AppError MODEL_FAILED when the file is missing or asks for something that is not known here.
 */
export async function readPictureInput(files: PackFiles, source: string, side?: number): Promise<PictureInput> {
  const config = await files.readJson(source, 'preprocessor_config.json', PreprocessorSchema)
  if (config === undefined) {
    throw new AppError('MODEL_FAILED', { detail: `The model ${source} has no preprocessor_config.json.` })
  }
  const { do_resize = true, do_center_crop, do_rescale, do_normalize, rescale_factor = 1 / 255 } = config
  const kernel = KERNELS[config.resample ?? BICUBIC]
  if (kernel === undefined) {
    throw new AppError('MODEL_FAILED', { detail: `The model ${source} wants the unknown filter ${config.resample}.` })
  }
  const square = side === undefined ? undefined : { width: side, height: side }
  return {
    resize: square ?? (do_resize ? toResize(config.size, do_center_crop === true) : undefined),
    crop: square === undefined && do_center_crop ? toSize(config.crop_size) : undefined,
    kernel,
    normalisation: {
      factor: do_rescale === false ? 1 : rescale_factor,
      mean: do_normalize === false ? [0, 0, 0] : (config.image_mean ?? [0, 0, 0]),
      deviation: do_normalize === false ? [1, 1, 1] : (config.image_std ?? [1, 1, 1]),
    },
  }
}

type SizeConfig = number | { shortest_edge: number } | { height: number; width: number } | null | undefined

/** A bare number is the shorter side where the middle is cut out afterwards (CLIP), a square otherwise (ViT). */
function toResize(size: SizeConfig, isCropped: boolean): PictureInput['resize'] {
  if (typeof size === 'number' && isCropped) return { edge: size }
  return size !== null && typeof size === 'object' && 'shortest_edge' in size
    ? { edge: size.shortest_edge }
    : toSize(size)
}

function toSize(size: SizeConfig): Size | undefined {
  if (typeof size === 'number') return { width: size, height: size }
  if (size === null || size === undefined) return undefined
  return 'shortest_edge' in size
    ? { width: size.shortest_edge, height: size.shortest_edge }
    : { width: size.width, height: size.height }
}

/** Brings a picture to the size that the model wants; the bytes are normalised where the model runs. */
export function preparePicture(image: PixelImage, { resize, crop, kernel }: PictureInput): Promise<OwnedPixels> {
  const resized = resize === undefined ? image : 'edge' in resize ? scaleToEdge(image, resize.edge) : resize
  return resizeAndCrop(image, { width: resized.width, height: resized.height, kernel, crop })
}

/** The longer side is rounded down, as transformers does it (`int(size * long / short)`). */
export function scaleToEdge({ width, height }: Size, edge: number): Size {
  const shorter = Math.min(width, height)
  const scale = (side: number) => Math.floor((edge * side) / shorter)
  return { width: scale(width), height: scale(height) }
}
