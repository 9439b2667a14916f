import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { InferenceSession } from 'onnxruntime-node'
import { builtFile } from '../../paths.ts'
import { parseAlphabet } from './text-lines.ts'
import { VISION_GRAPHS, WEIGHTS } from './weights.ts'

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

const loadVisionGraph = (name: keyof typeof VISION_GRAPHS) =>
  InferenceSession.create(fileURLToPath(builtFile(VISION_GRAPHS[name])), OPTIONS)

/** `image` uint8 [1,512,512,3] -> `detections` float32 [1,100,6]. */
export const loadDetector = once(() => loadVisionGraph('detector'))

/** `image` uint8 [1,224,224,3] -> `features` float32 [1,120]. */
export const loadEmbedder = once(() => loadVisionGraph('embedder'))

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
