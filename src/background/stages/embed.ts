import { DESCRIPTION_FRAME, type NewEmbedding } from '../../db/vectors.ts'
import { encodersOf, type ModelPack } from '../../models/pack.ts'
import type { Attempt, Stage } from '../stage.ts'

/** Turns pictures and description into vectors, so that they are found by likeness and by meaning. */
export const embed: Stage = {
  name: 'embed',
  status: 'embedding',
  shows: 'embedding_generation',
  async run(attempt) {
    const { models, alsoEmbedWith } = attempt
    const packs = [models, ...alsoEmbedWith]
    const embeddings: NewEmbedding[] = []
    for (const pack of packs) {
      embeddings.push(...(await embedPictures(attempt, pack)), ...(await embedDescription(attempt, pack)))
    }
    const encoders = [...new Set(packs.flatMap(encodersOf))]
    return { outcome: 'done', vectors: { encoders, embeddings }, model: models.imageEncoder.fingerprint }
  },
}

async function embedPictures(
  { priority, signal, stills, report }: Attempt,
  { imageEncoder }: ModelPack,
): Promise<NewEmbedding[]> {
  const { fingerprint: model } = imageEncoder
  const pictures = await stills()
  const embeddings: NewEmbedding[] = []
  for (const [index, picture] of pictures.entries()) {
    // It is found by the vector of the frame that it repeats.
    if (picture.repeats) continue
    signal.throwIfAborted()
    if (pictures.length > 1) report('embedding_generation', { done: index, of: pictures.length })
    const vector = await imageEncoder.embed(picture, { signal, priority })
    embeddings.push({ model, frameMs: Math.round(picture.timeMs), part: 0, vector })
  }
  return embeddings
}

async function embedDescription(
  { upload, priority, signal }: Attempt,
  { textEncoder }: ModelPack,
): Promise<NewEmbedding[]> {
  const { fingerprint: model } = textEncoder
  const caption = {
    text: upload.description ?? '',
    ocrText: upload.ocrText ?? '',
    objects: upload.objects,
  }
  const vectors = await textEncoder.embedDescription(caption, { signal, priority })
  return vectors.map((vector, part) => ({ model, frameMs: DESCRIPTION_FRAME, part, vector }))
}
