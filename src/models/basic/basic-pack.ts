import type { ModelPack } from '../pack.ts'
import { openWordModel, WORD_GRAPH_PATH } from '../text/word-encoder.ts'
import { createCaptioner } from './captioner.ts'
import { createImageEncoder } from './image-encoder.ts'
import { createInference } from './inference.ts'
import { CAPTION_VERSION, VECTOR_VERSION } from './preprocessing.ts'
import { createTextEncoder } from './text-encoder.ts'
import { fingerprintFiles, WEIGHTS } from './weights.ts'

/**
 * The pack that comes with the program and needs no download: an object detector and a text reader for captions, the
 * detector's backbone for picture vectors, word vectors for text. Text and pictures live in two separate spaces.
 * @param modelWorkers threads that run the models.
 */
export async function openBasicPack({ modelWorkers }: { readonly modelWorkers: number }): Promise<ModelPack> {
  const inference = createInference(modelWorkers)
  // At once, so that its thread warms while this one reads the files. Whoever calls `warm` hears of a failure.
  const warming = inference.run('warm', { graphPath: WORD_GRAPH_PATH }, { priority: 'query' })
  warming.catch(() => undefined)
  const detectorFiles = [WEIGHTS.detector, WEIGHTS.detectorData]
  const [words, captionerFingerprint, imageFingerprint] = await Promise.all([
    openWordModel(),
    fingerprintFiles(`basic-caption-${CAPTION_VERSION}`, Object.values(WEIGHTS)),
    fingerprintFiles(`basic-picture-${VECTOR_VERSION}`, detectorFiles),
  ])
  return {
    name: 'basic',
    captioner: createCaptioner(inference, captionerFingerprint),
    imageEncoder: createImageEncoder(inference, imageFingerprint),
    textEncoder: createTextEncoder(inference, words),
    sharesSpace: false,
    warm: () => warming,
    close: () => inference.close(),
  }
}
