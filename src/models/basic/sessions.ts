import { readFile } from 'node:fs/promises'
import { InferenceSession } from 'onnxruntime-node'
import { type ConvertedOutput, convertGraphModel } from '../tfjs/convert.ts'
import { loadGraphModel } from '../tfjs/graph-model.ts'
import { DETECTOR_SIDE } from './detection.ts'
import { EMBEDDER_SIDE } from './preprocessing.ts'
import { parseAlphabet } from './text-lines.ts'
import { WEIGHTS } from './weights.ts'

/**
 * One thread per session: a session with two blocks two cores for less than twice the pictures, so threads are spent
 * on more workers instead (2 cores: 29 pictures a second against 16).
 */
const OPTIONS: InferenceSession.SessionOptions = { intraOpNumThreads: 1, interOpNumThreads: 1 }

/**
 * Text comes in every size, and what is laid up for the largest that was ever seen is never given back. Without plans
 * the peak is a quarter lower. Without the arena it is the same and falls again: two workers that had described 60
 * pictures held 842 MB instead of 1017, and took no more time.
 */
const OPTIONS_OF_ANY_SIZE: InferenceSession.SessionOptions = {
  ...OPTIONS,
  enableMemPattern: false,
  enableCpuMemArena: false,
}

/**
 * Both are made of the same file, so they are converted together: it is read and decoded once.
 * The detector: `image` uint8 [1,512,512,3] -> `detections` float32 [1,100,6].
 * The embedder is its backbone, averaged over the picture: `image` uint8 [1,224,224,3] -> `features` float32 [1,120];
 * the last block of MobileNetV3, before the head widens it: of the layers tried, the one whose neighbours are alike.
 */
export const loadVision = once(async () => {
  const model = await loadGraphModel(WEIGHTS.detector)
  const create = (output: ConvertedOutput, side: number) =>
    InferenceSession.create(convertGraphModel(model, { outputs: [output], inputSize: [side, side] }), OPTIONS)
  return {
    detector: await create({ node: 'tower_0/detections', as: 'detections' }, DETECTOR_SIDE),
    embedder: await create(
      { node: 'tower_0/MobilenetV3/expanded_conv_14/add', as: 'features', pool: 'average' },
      EMBEDDER_SIDE,
    ),
  }
})

/** Text detection: float32 [1,3,h,w] -> probabilities float32 [1,1,h,w]. */
export const loadTextFinder = once(() => InferenceSession.create(WEIGHTS.textFinder, OPTIONS_OF_ANY_SIZE))

/** Text recognition: float32 [n,3,48,w] -> probabilities float32 [n,steps,letters]. */
export const loadTextReader = once(() => InferenceSession.create(WEIGHTS.textReader, OPTIONS_OF_ANY_SIZE))

export const loadAlphabet = once(async () => parseAlphabet(await readFile(WEIGHTS.alphabet, 'utf8')))

/** The word vectors, from the file that the vocabulary names. */
export const loadWordEncoder = once((graphPath: string) => InferenceSession.create(graphPath, OPTIONS))

/** Loads at the first call; every later one shares it. A failed load is tried again. */
function once<Args extends unknown[], T>(load: (...args: Args) => Promise<T>): (...args: Args) => Promise<T> {
  let loading: Promise<T> | undefined
  return (...args) => {
    loading ??= load(...args).catch((thrown: unknown) => {
      loading = undefined
      throw thrown
    })
    return loading
  }
}
