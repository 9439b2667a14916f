import type { MessagePort } from 'node:worker_threads'
import { Tensor } from 'onnxruntime-node'
import { type Normalisation, toPlanes } from '../normalisation.ts'
import type { PixelImage } from '../pack.ts'
import { type GraphFile, openSession, openSplitSession } from '../session-cache.ts'
import { fullMask, int64Tensor, joinColumns } from '../tensors.ts'
import { openTokenizer } from '../tokenizer.ts'
import { createDecoder, type Decoder, ENCODED } from './decoder.ts'
import { generate } from './generate.ts'
import type { Generation } from './generation.ts'
import { listenToChannel } from './token-channel.ts'

/*
 * What runs in a worker. One task is one picture from its pixels to its text: the vectors in between are large, and
 * the cache of the decoder larger.
 */

/** A picture of the size that the model wants, and how to write about it. */
interface WritingTask {
  readonly image: PixelImage
  readonly normalisation: Normalisation
  /** Folder of the tokenizer's files. */
  readonly tokenizer: string
  readonly port: MessagePort
}

export interface SentenceTask extends WritingTask {
  readonly graphs: Readonly<Record<'encoder' | 'decoder', GraphFile>>
  readonly generation: Generation
}

export interface PromptTask extends WritingTask {
  readonly graphs: Readonly<Record<'vision' | 'embed' | 'encoder' | 'decoder', GraphFile>>
  /** Asked one after another; the picture is looked at once. */
  readonly prompts: readonly { readonly text: string; readonly generation: Generation }[]
}

export interface WrittenText {
  readonly text: string
  /** False when it was cut off at the most tokens. */
  readonly isComplete: boolean
}

type Progress = ReturnType<typeof listenToChannel>

/** A text by a pair of encoder and decoder (`VisionEncoderDecoderModel`). */
export async function writeSentence(task: SentenceTask): Promise<WrittenText> {
  const progress = listenToChannel(task.port)
  try {
    const encoder = await openSession(task.graphs.encoder)
    const encoded = named(await encoder.run({ pixel_values: toPixelValues(task) }), 'last_hidden_state')
    const most = task.generation.maxLength - 1
    await progress(0, most)
    // GPT-2 is exported so that it computes the keys and values of every patch again for every token.
    const { once, rest } = await openSplitSession(task.graphs.decoder, ENCODED)
    const decoder = createDecoder({ session: rest, once, encoded })
    return await write(task, decoder, task.generation, (count) => progress(count, most))
  } finally {
    task.port.close()
  }
}

/**
 * Answers to sentences about a picture, by the four graphs of Florence-2 (https://arxiv.org/abs/2311.06242): the
 * picture's vectors come before those of the sentence, and the encoder reads both.
 */
export async function answerPrompts(task: PromptTask): Promise<WrittenText[]> {
  const progress = listenToChannel(task.port)
  try {
    const vision = await openSession(task.graphs.vision)
    const features = named(await vision.run({ pixel_values: toPixelValues(task) }), 'image_features')
    const most = task.prompts.reduce((sum, { generation }) => sum + generation.maxLength - 1, 0)
    const texts: WrittenText[] = []
    let done = 0
    for (const prompt of task.prompts) {
      await progress(done, most)
      texts.push(await answer(task, features, prompt, (count) => progress(done + count, most)))
      done += prompt.generation.maxLength - 1
    }
    return texts
  } finally {
    task.port.close()
  }
}

async function answer(
  task: PromptTask,
  features: Tensor,
  { text, generation }: PromptTask['prompts'][number],
  onStep: (count: number) => ReturnType<Progress>,
): Promise<WrittenText> {
  const { graphs } = task
  const embedder = await openSession(graphs.embed)
  const embed = async (tokens: Tensor) => named(await embedder.run({ input_ids: tokens }), 'inputs_embeds')
  const { encode } = await openTokenizer(task.tokenizer)
  const question = joinColumns(features, await embed(int64Tensor([encode(text)])))
  const encoder = await openSession(graphs.encoder)
  const feeds = { inputs_embeds: question, attention_mask: fullMask(1, question.dims[1] ?? 0) }
  const encoded = named(await encoder.run(feeds), 'last_hidden_state')
  const decoder = createDecoder({ session: await openSession(graphs.decoder), encoded, embed })
  return write(task, decoder, generation, onStep)
}

async function write(
  { tokenizer }: WritingTask,
  decoder: Decoder,
  generation: Generation,
  onStep: (count: number) => ReturnType<Progress>,
): Promise<WrittenText> {
  const { tokens, isComplete } = await generate(decoder, generation, onStep)
  const { decode } = await openTokenizer(tokenizer)
  return { text: decode(tokens), isComplete }
}

function toPixelValues({ image, normalisation }: WritingTask): Tensor {
  return new Tensor('float32', toPlanes(image, normalisation), [1, 3, image.height, image.width])
}

function named(outputs: Readonly<Record<string, Tensor>>, name: string): Tensor {
  const output = outputs[name]
  if (output === undefined) {
    throw new Error(`The model gives ${Object.keys(outputs).join(', ')} but not ${name}.`)
  }
  return output
}
