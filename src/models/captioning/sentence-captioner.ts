import type { MessagePort } from 'node:worker_threads'
import type { Inference } from '../basic/inference.ts'
import type { Captioner, PixelImage, RunOptions } from '../pack.ts'
import type { PackFiles } from '../pack-files.ts'
import { type PictureInput, preparePicture } from '../picture-input.ts'
import type { OwnedPixels } from '../pixels.ts'
import type { TaskOptions } from '../worker-pool.ts'
import { cleanReading, cleanSentences } from './clean-text.ts'
import { tellVideo } from './tell-video.ts'
import { openTokenChannel } from './token-channel.ts'
import type { WrittenText } from './writing.ts'

/** What a captioner that writes sentences is made of. */
export interface CaptionerDeps<Manifest> {
  readonly files: PackFiles
  readonly manifest: Manifest
  /** The threads that look at pictures. */
  readonly pictures: Inference
  /** Threads that one run may use. */
  readonly threads: number
}

export interface OpenedCaptioner {
  readonly captioner: Captioner
  /** Loads every graph that captions need in one thread, and runs each. */
  warm(): Promise<unknown>
}

/** Counted up when the same picture would get another caption from the same files. */
export const SENTENCE_VERSION = 1

/** What captioners are warmed with. */
export const BLANK: PixelImage = { data: new Uint8Array(3 * 64 * 64), width: 64, height: 64 }
/** Two tokens, so that the step with a cache runs too. */
export const WARMING = { maxLength: 3, minLength: 3 } as const

export interface SentenceCaptionerParts {
  readonly fingerprint: string
  /** The caption, and after it what was read if the model was asked. */
  write(image: PixelImage, options: RunOptions): Promise<readonly WrittenText[]>
  /** Lines of text; undefined when `write` gives them. */
  readonly read: ((image: PixelImage, options: RunOptions) => Promise<string[]>) | undefined
}

/** A captioner of sentences. It names no single objects. */
export function createSentenceCaptioner({ fingerprint, write, read }: SentenceCaptionerParts): Captioner {
  return {
    fingerprint,
    async describe(image, options = {}) {
      const [[caption, reading], lines] = await Promise.all([write(image, options), read?.(image, options)])
      const text = caption && cleanSentences(caption.text, caption.isComplete)
      return {
        // What the basic pack says when it can name nothing.
        text: text || 'A picture.',
        ocrText: lines?.join('\n') ?? cleanReading(reading?.text ?? ''),
        objects: [],
      }
    },
    combine: (frames) => tellVideo(frames.map(({ caption }) => caption)),
  }
}

/** What every writing worker gets of a picture. */
interface PictureMessage {
  readonly image: OwnedPixels
  readonly normalisation: PictureInput['normalisation']
  readonly port: MessagePort
}

/** Prepares a picture and keeps a line to the worker open until its text is written or nobody waits for it. */
export async function sendPicture<T>(
  picture: PixelImage,
  input: PictureInput,
  options: RunOptions,
  run: (message: PictureMessage, options: TaskOptions) => Promise<T>,
): Promise<T> {
  const image = await preparePicture(picture, input)
  const { port, close } = openTokenChannel(options)
  try {
    const message = { image, normalisation: input.normalisation, port }
    return await run(message, { ...options, transfer: [image.data, port] })
  } finally {
    close()
  }
}
