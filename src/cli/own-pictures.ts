import { readdir } from 'node:fs/promises'
import { extname, join } from 'node:path'
import type { Config } from '../config.ts'
import { AppError, systemCode } from '../errors.ts'
import { createMedia } from '../media/create-media.ts'
import type { Still } from '../media/media.ts'

/** As the pipeline shows pictures to the models. */
const MAX_SIDE = 960

const TYPES: Readonly<Record<string, string>> = {
  '.jpg': 'image/jpeg',
  '.jpeg': 'image/jpeg',
  '.png': 'image/png',
  '.webp': 'image/webp',
  '.avif': 'image/avif',
}

export interface OwnPicture extends Still {
  readonly name: string
}

/**
 * Decodes some pictures, spread evenly over a folder: those of the library (their previews) unless one is named.
 * @throws AppError VALIDATION_FAILED when there is none
 */
export async function loadPictures(config: Config, folder: string | undefined, count: number): Promise<OwnPicture[]> {
  const root = folder ?? join(config.dataDir, 'media')
  const paths = (await listPictures(root, folder === undefined)).sort()
  const step = Math.max(1, paths.length / count)
  const chosen = Array.from(
    { length: Math.min(count, paths.length) },
    (_, index) => paths[Math.floor(index * step)] ?? '',
  )
  if (chosen.length === 0) {
    const detail = `There is no picture in ${root}. Name a folder with some: --pictures DIR`
    throw new AppError('VALIDATION_FAILED', { detail })
  }
  const media = await createMedia(config)
  try {
    const pictures: OwnPicture[] = []
    for (const path of chosen) {
      const type = {
        fileType: 'image',
        mimeType: TYPES[extname(path)] ?? '',
        extension: extname(path).slice(1),
      } as const
      pictures.push({ name: path.slice(root.length + 1), ...(await media.loadStill(path, type, MAX_SIDE)) })
    }
    return pictures
  } finally {
    await media.close()
  }
}

/** Uploads of everybody, trash included. */
export async function countUploads({ dataDir }: Config): Promise<number> {
  const media = join(dataDir, 'media')
  const entries = await readdir(media, { recursive: true, withFileTypes: true }).catch((thrown: unknown) => {
    if (systemCode(thrown) === 'ENOENT') return []
    throw thrown
  })
  return entries.filter((entry) => entry.isFile() && entry.name.startsWith('original.')).length
}

async function listPictures(root: string, onlyPreviews: boolean): Promise<string[]> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true }).catch((cause: unknown) => {
    throw new AppError('VALIDATION_FAILED', { detail: `The folder ${root} cannot be read.`, cause })
  })
  return entries
    .filter((entry) => entry.isFile() && (onlyPreviews ? entry.name === 'preview.webp' : extname(entry.name) in TYPES))
    .map((entry) => join(entry.parentPath, entry.name))
}
