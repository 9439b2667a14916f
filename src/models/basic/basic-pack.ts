import type { ModelPack } from '../pack.ts'
import { openWordModel } from '../text/word-encoder.ts'
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
  // First, so that its thread starts while the files are read.
  const inference = createInference(modelWorkers)
  const detectorFiles = [WEIGHTS.detector, WEIGHTS.detectorData]
  const [words, captionerFingerprint, imageFingerprint] = await Promise.all([
    openWordModel(),
    fingerprintFiles(`basic-caption-${CAPTION_VERSION}`, Object.values(WEIGHTS)),
    fingerprintFiles(`basic-picture-${VECTOR_VERSION}`, detectorFiles),
  ])
  let warming: Promise<void> | undefined
  return {
    name: 'basic',
    captioner: createCaptioner(inference, captionerFingerprint),
    imageEncoder: createImageEncoder(inference, imageFingerprint),
    textEncoder: createTextEncoder(inference, words),
    sharesSpace: false,
    warm() {
      warming ??= inference.run('warm', { graphPath: words.graphPath }, { priority: 'query' })
      return warming
    },
    close: () => inference.close(),
  }
}
