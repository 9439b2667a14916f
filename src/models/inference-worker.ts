import { type InferenceSession, Tensor } from 'onnxruntime-node'
import { DETECTOR_SIDE, decodeDetections } from './basic/detection.ts'
import { normalising, writeBgrPlanes } from './basic/planes.ts'
import { EMBEDDER_SIDE, LINE_HEIGHT } from './basic/preprocessing.ts'
import {
  loadAlphabet,
  loadDetector,
  loadEmbedder,
  loadTextFinder,
  loadTextReader,
  loadWordEncoder,
} from './basic/sessions.ts'
import { decodeLine, type TextLine } from './basic/text-lines.ts'
import { findTextRegions } from './basic/text-regions.ts'
import {
  answerPrompts as answer,
  type PromptTask,
  type SentenceTask,
  writeSentence as write,
} from './captioning/writing.ts'
import {
  embedJointPicture as embedPixels,
  embedJointText as embedText,
  type PictureTask,
  type TextTask,
} from './joint/towers.ts'
import type { DetectedObject, PixelImage } from './pack.ts'
import type { Box } from './pixels.ts'
import { releaseUnused } from './session-cache.ts'
import type { WordBatch } from './text/word-encoder.ts'

/*
 * The functions that run in worker threads, called by their names. A session blocks its thread while it runs, so
 * nothing here may be called from the main thread. Each call is one short piece of work: a query that waits gets its
 * turn between two of them.
 */

/** Finds things in a letterboxed square of 512 pixels; boxes are fractions of the square. */
export async function detectObjects(square: PixelImage): Promise<DetectedObject[]> {
  const image = new Tensor('uint8', square.data, [1, DETECTOR_SIDE, DETECTOR_SIDE, 3])
  const session = await loadDetector()
  const data = await run(session, { [inputOf(session)]: image })
  return decodeDetections(data)
}

/** The L2-normalised vector of a picture that was stretched to a square of 224 pixels. */
export async function embedPicture(square: PixelImage): Promise<Float32Array> {
  const image = new Tensor('uint8', square.data, [1, EMBEDDER_SIDE, EMBEDDER_SIDE, 3])
  const session = await loadEmbedder()
  const data = await run(session, { [inputOf(session)]: image })
  const length = Math.hypot(...data)
  return length === 0 ? data : data.map((value) => value / length)
}

// ImageNet's mean and deviation, which PaddleOCR gives to blue, green and red in the order made for red, green, blue.
const FINDER_TABLES = [normalising(0.485, 0.229), normalising(0.456, 0.224), normalising(0.406, 0.225)] as const

/** Finds lines of text in a picture whose sides are multiples of 32; boxes are fractions of it, in reading order. */
export async function findText(picture: PixelImage): Promise<Box[]> {
  const { width, height } = picture
  const planes = new Float32Array(3 * height * width)
  writeBgrPlanes(picture, FINDER_TABLES, { planes, stride: width })
  const session = await loadTextFinder()
  const data = await run(session, { [inputOf(session)]: new Tensor('float32', planes, [1, 3, height, width]) })
  return findTextRegions(data, width, height)
}

const READER_TABLE = normalising(0.5, 0.5)
const READER_TABLES = [READER_TABLE, READER_TABLE, READER_TABLE] as const
/** The width that the recogniser was trained on: what is narrower is padded to it. */
const READER_MIN_WIDTH = 320

/** Reads one line of text that was cut out and brought to the height of 48 pixels. */
export async function readLine(strip: PixelImage): Promise<TextLine> {
  const [session, alphabet] = await Promise.all([loadTextReader(), loadAlphabet()])
  const stride = Math.max(READER_MIN_WIDTH, strip.width)
  const planes = new Float32Array(3 * LINE_HEIGHT * stride)
  writeBgrPlanes(strip, READER_TABLES, { planes, stride })
  const input = new Tensor('float32', planes, [1, 3, LINE_HEIGHT, stride])
  return decodeLine(await run(session, { [inputOf(session)]: input }), alphabet)
}

/** Rows of words, and the ONNX file that holds their vectors. */
export interface WordTask {
  readonly batch: WordBatch
  readonly graphPath: string
}

/** One L2-normalised vector per row, one after another. */
export async function embedWords({ batch, graphPath }: WordTask): Promise<Float32Array> {
  const { ids, weights, rows, columns } = batch
  const feeds = {
    ids: new Tensor('int64', ids, [rows, columns]),
    weights: new Tensor('float32', weights, [rows, columns]),
  }
  return run(await loadWordEncoder(graphPath), feeds)
}

/** The vector of a picture by the picture tower of a pack that was downloaded. */
export const embedJointPicture = (task: PictureTask) => releasing(() => embedPixels(task))

/** The vector of a text by the text tower of a pack that was downloaded. */
export const embedJointText = (task: TextTask) => releasing(() => embedText(task))

/** What an encoder and a decoder write about a picture. */
export const writeSentence = (task: SentenceTask) => releasing(() => write(task))

/** What Florence-2 answers about a picture. */
export const answerPrompts = (task: PromptTask) => releasing(() => answer(task))

async function releasing<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } finally {
    await releaseUnused()
  }
}

/** Loads every model of this thread and runs each on something small. */
export async function warm({ graphPath }: { readonly graphPath: string }): Promise<void> {
  const blank = (side: number): PixelImage => ({ data: new Uint8Array(side * side * 3), width: side, height: side })
  await detectObjects(blank(DETECTOR_SIDE))
  await embedPicture(blank(EMBEDDER_SIDE))
  await findText(blank(LINE_HEIGHT * 2))
  await readLine(blank(LINE_HEIGHT))
  const batch = { ids: BigInt64Array.of(0n), weights: Float32Array.of(1), rows: 1, columns: 1 }
  await embedWords({ batch, graphPath })
}

/** Runs a session with one float output. */
async function run(session: InferenceSession, feeds: InferenceSession.FeedsType): Promise<Float32Array> {
  const [name = ''] = session.outputNames
  const data = (await session.run(feeds))[name]?.data
  if (!(data instanceof Float32Array)) throw new Error(`The output ${name} of the model is not made of floats.`)
  return data
}

function inputOf({ inputNames: [name] }: InferenceSession): string {
  if (name === undefined) throw new Error('The model takes no input.')
  return name
}
