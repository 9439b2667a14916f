import { AppError } from '../../errors.ts'
import type { Inference } from '../basic/inference.ts'
import { fingerprint } from '../fingerprint.ts'
import type { EncodersManifest } from '../manifest.ts'
import type { ImageEncoder, TextEncoder } from '../pack.ts'
import type { PackFiles } from '../pack-files.ts'
import { preparePicture, readPictureInput } from '../picture-input.ts'
import type { TokenRules } from '../tokenizer.ts'

/** Counted up when the same picture would get another vector from the same files. */
const PICTURE_VERSION = 1
/** Counted up when the same text would get another vector from the same files. */
const TEXT_VERSION = 1

/**
 * Texts are far more alike among each other than a text and a picture are: vectors of one tower lie in a narrow cone
 * (https://arxiv.org/abs/2203.02053), in which even sentences that have nothing to do with each other have a cosine of
 * a half and more. The floor of texts and pictures (.05 to .25) would let every description pass. Not measured: on the
 * safe side, because words that are the same are found by the full-text search as well.
 */
const TEXT_TO_TEXT_FLOOR = 0.75

/** A hundred words, more than any tower reads; the rest of a long text is not even tokenized. */
const TEXT_MAX_CHARACTERS = 2000

export interface JointEncoders {
  readonly imageEncoder: ImageEncoder
  readonly textEncoder: TextEncoder
}

export interface JointDeps {
  readonly files: PackFiles
  readonly manifest: EncodersManifest
  /** The threads that look at pictures, and the one that holds the text tower. */
  readonly pictures: Inference
  readonly words: Inference
  /** Threads that one run may use. */
  readonly threads: number
}

/**
 * Encoders of pictures and texts into one space. The picture tower is loaded, because it alone knows how many
 * dimensions the space has.
 * @throws AppError MODEL_FAILED when a file is missing or cannot be loaded.
 */
export async function openJointEncoders(deps: JointDeps): Promise<JointEncoders> {
  const { files, manifest, pictures, words, threads } = deps
  const { kind, source } = manifest
  const input = await readPictureInput(files, source)
  const picturePrint = files.hashGraph(source, manifest.vision)
  const textPrint = `${files.hashGraph(source, manifest.text)},${files.hashGraph(source, 'tokenizer.json')}`
  const vision = { path: files.locate(source, manifest.vision), threads }
  const text = { path: files.locate(source, manifest.text), threads }
  const rules = toTokenRules(manifest)
  const tokenizer = files.locate(source, '')

  const embedImage: ImageEncoder['embed'] = async (image, options = {}) => {
    const prepared = await preparePicture(image, input)
    const task = { image: prepared, graph: vision, normalisation: input.normalisation }
    return pictures.run('embedJointPicture', task, { ...options, transfer: [prepared.data] })
  }
  const embedText: TextEncoder['embedQuery'] = async (sentence, options = {}) => {
    const begin = sentence.slice(0, TEXT_MAX_CHARACTERS).trim()
    return begin === ''
      ? undefined
      : words.run('embedJointText', { text: begin, graph: text, tokenizer, rules }, options)
  }
  const { length: dimensions } = await embedImage(BLANK, { priority: 'query' })

  return {
    imageEncoder: {
      fingerprint: fingerprint(`${kind}-picture-${PICTURE_VERSION}`, [picturePrint, input]),
      dimensions,
      relevanceFloor: manifest.relevance_floor,
      embed: embedImage,
    },
    textEncoder: {
      fingerprint: fingerprint(`${kind}-text-${TEXT_VERSION}`, [textPrint, rules]),
      dimensions,
      relevanceFloor: TEXT_TO_TEXT_FLOOR,
      async embedQuery(query, options) {
        const vector = await embedText(query, options)
        if (vector && vector.length !== dimensions) {
          const detail = `The text tower gives ${vector.length} numbers where the picture tower gives ${dimensions}.`
          throw new AppError('MODEL_FAILED', { detail })
        }
        return vector
      },
      async embedDescription(caption, options) {
        const vector = await embedText(caption.text, options)
        return vector === undefined ? [] : [vector]
      },
    },
  }
}

const BLANK = { data: new Uint8Array(3 * 64), width: 8, height: 8 }

function toTokenRules({ tokens }: EncodersManifest): TokenRules {
  const { max, pad_to: padTo, pad_id: padId, lowercase = false } = tokens
  return { max, padTo, padId, lowercase }
}
