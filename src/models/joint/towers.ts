import { type InferenceSession, Tensor } from 'onnxruntime-node'
import { type Normalisation, toPlanes } from '../normalisation.ts'
import type { PixelImage } from '../pack.ts'
import { type GraphFile, openSession } from '../session-cache.ts'
import { floatsOf, int64Tensor } from '../tensors.ts'
import { openTokenizer, type TokenRules, tokenize } from '../tokenizer.ts'

/* The two towers of CLIP and SigLIP, as they run in a worker. */

export interface PictureTask {
  /** Of the size that the tower wants. */
  readonly image: PixelImage
  readonly graph: GraphFile
  readonly normalisation: Normalisation
}

export interface TextTask {
  readonly text: string
  readonly graph: GraphFile
  /** Folder of the tokenizer's files. */
  readonly tokenizer: string
  readonly rules: TokenRules
}

/** The L2-normalised vector of a picture. */
export async function embedJointPicture({ image, graph, normalisation }: PictureTask): Promise<Float32Array> {
  const session = await openSession(graph)
  const pixels = new Tensor('float32', toPlanes(image, normalisation), [1, 3, image.height, image.width])
  return project(session, { pixel_values: pixels }, 'image_embeds')
}

/** The L2-normalised vector of a text. */
export async function embedJointText({ text, graph, tokenizer, rules }: TextTask): Promise<Float32Array> {
  const [session, words] = await Promise.all([openSession(graph), openTokenizer(tokenizer)])
  const { tokens, textLength } = tokenize(words, text, rules)
  const feeds: Record<string, Tensor> = { input_ids: int64Tensor([tokens]) }
  // Few exports ask for it: CLIP finds the end by itself, SigLIP was trained to read its padding.
  if (session.inputNames.includes('attention_mask')) {
    feeds.attention_mask = int64Tensor([tokens.map((_, index) => (index < textLength ? 1 : 0))])
  }
  return project(session, feeds, 'text_embeds')
}

/** CLIP names its vector after what it is of, SigLIP calls it the pooled output; other outputs are not computed. */
async function project(
  session: InferenceSession,
  feeds: InferenceSession.FeedsType,
  name: string,
): Promise<Float32Array> {
  const output = [name, 'pooler_output'].find((known) => session.outputNames.includes(known))
  if (output === undefined) {
    throw new Error(`The tower gives ${session.outputNames.join(', ')}, but neither ${name} nor pooler_output.`)
  }
  const vector = floatsOf((await session.run(feeds, [output]))[output])
  const length = Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0))
  if (!Number.isFinite(length)) throw new Error('The tower gave a vector that is not made of finite numbers.')
  return length === 0 ? vector : vector.map((value) => value / length)
}
