import type { NewEmbedding } from '../../db/processing.ts'
import type { Attempt, Stage } from '../stage.ts'

/** The "time" of a vector that stands for the description as a whole. */
export const DESCRIPTION_FRAME = -1

/** Turns pictures and description into vectors, so that they are found by likeness and by meaning. */
export const embed: Stage = {
  name: 'embed',
  status: 'embedding',
  shows: 'embedding_generation',
  async run(attempt) {
    const embeddings = [...(await embedPictures(attempt)), ...(await embedDescription(attempt))]
    return { outcome: 'done', embeddings, model: attempt.models.imageEncoder.fingerprint }
  },
}

async function embedPictures({ models, priority, signal, stills, report }: Attempt): Promise<NewEmbedding[]> {
  const { fingerprint: model } = models.imageEncoder
  const pictures = await stills()
  const embeddings: NewEmbedding[] = []
  for (const [index, picture] of pictures.entries()) {
    signal.throwIfAborted()
    if (pictures.length > 1) report('embedding_generation', { done: index, of: pictures.length })
    const vector = await models.imageEncoder.embed(picture, { signal, priority })
    embeddings.push({ model, frameMs: Math.round(picture.timeMs), part: 0, vector })
  }
  return embeddings
}

async function embedDescription({ upload, models, priority, signal }: Attempt): Promise<NewEmbedding[]> {
  const { fingerprint: model } = models.textEncoder
  const caption = {
    text: upload.description ?? '',
    ocrText: upload.ocrText ?? '',
    objects: upload.objects,
  }
  const vectors = await models.textEncoder.embedDescription(caption, { signal, priority })
  return vectors.map((vector, part) => ({ model, frameMs: DESCRIPTION_FRAME, part, vector }))
}
