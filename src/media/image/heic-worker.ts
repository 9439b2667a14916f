import { open } from 'node:fs/promises'
import { all } from 'heic-decode'
import { move } from 'piscina'
import { wrapInTiff } from './rgba-tiff.ts'

export interface HeicTask {
  readonly path: string
  readonly maxPixels: number
  readonly profile: Uint8Array | undefined
}

/** The decoder needs the file in memory. Pictures of 100 million pixels stay far below this. */
const MAX_FILE_BYTES = 256 * 1024 * 1024

// The decoder prints to the console what it also throws; the log of the server is not for that.
Object.assign(console, { log: () => undefined, error: () => undefined })

/** Decodes the primary picture of a HEIC, upright. Runs in a worker thread: it computes for up to seconds. */
export async function decodeHeic({ path, maxPixels, profile }: HeicTask): Promise<unknown> {
  const images = await all({ buffer: await readCapped(path) })
  try {
    const [image] = images
    if (image === undefined) throw new Error('The HEIC holds no picture')
    if (image.width * image.height > maxPixels) throw new Error('The HEIC exceeds the pixel limit')
    const { data, width, height } = await image.decode()
    return move(wrapInTiff(data, width, height, profile))
  } finally {
    images.dispose()
  }
}

async function readCapped(path: string): Promise<Buffer> {
  const handle = await open(path)
  try {
    if ((await handle.stat()).size > MAX_FILE_BYTES) throw new Error('The HEIC is too large to be decoded in memory')
    return await handle.readFile()
  } finally {
    await handle.close()
  }
}
