import { ACCEPTED_TYPES } from './identify/accepted-types.ts'
import { identify } from './identify/identify.ts'
import { createHeicDecoder } from './image/heic.ts'
import { imageError } from './image/image-errors.ts'
import { configureSharp, createImageSource } from './image/image-source.ts'
import { probeImage } from './image/probe-image.ts'
import { fromStill, makeRenditions, toStill } from './image/renditions.ts'
import type { Media } from './media.ts'
import { extractVideoFrames } from './video/extract-frames.ts'
import { createFfmpeg } from './video/ffmpeg/ffmpeg.ts'
import { locateFfmpeg } from './video/ffmpeg/locate.ts'
import { probeVideo } from './video/probe-video.ts'

export interface MediaOptions {
  /** The largest picture that is decoded. */
  readonly imageMaxPixels: number
  readonly videoMaxFrames: number
  /** Unset: the best one found. */
  readonly ffmpegPath: string | undefined
}

/**
 * Everything that is done with the bytes of pictures and videos: sharp for pictures, a thread for HEIC, ffmpeg in
 * processes of its own for videos.
 * @throws AppError CONFIG_INVALID when `ffmpegPath` is set and does not run
 */
export async function createMedia(options: MediaOptions): Promise<Media> {
  configureSharp()
  const ffmpeg = createFfmpeg(await locateFfmpeg(options.ffmpegPath))
  const heic = createHeicDecoder()
  const images = createImageSource({ maxPixels: options.imageMaxPixels, heic })

  return {
    acceptedTypes: ACCEPTED_TYPES.filter((type) => ffmpeg.program !== undefined || type.startsWith('image/')),
    ffmpeg: ffmpeg.program,
    identify,

    probe(path, type, signal) {
      if (type.fileType === 'video') return probeVideo(ffmpeg, path, signal)
      return readingImage(signal, async () => probeImage(await images.readMetadata(path)))
    },

    renderImage: (path, _type, signal) =>
      readingImage(signal, async () => {
        const { image, keepsProfile } = await images.open(path, signal)
        return makeRenditions(image, keepsProfile)
      }),

    renderFrame: (frame) => makeRenditions(fromStill(frame), false),

    loadStill: (path, _type, maxSide, signal) =>
      readingImage(signal, async () => toStill((await images.open(path, signal)).image, maxSide)),

    extractFrames: (path, probe, { maxSide, signal }) =>
      extractVideoFrames({ ffmpeg, path, probe, maxSide, signal }, options.videoMaxFrames),

    close: heic.close,
  }
}

/** Reads a picture and says in the catalogue's words what went wrong. sharp cannot be stopped midway, only ignored. */
async function readingImage<T>(signal: AbortSignal | undefined, read: () => Promise<T>): Promise<T> {
  try {
    signal?.throwIfAborted()
    const result = await read()
    signal?.throwIfAborted()
    return result
  } catch (thrown) {
    throw imageError(thrown, signal)
  }
}
