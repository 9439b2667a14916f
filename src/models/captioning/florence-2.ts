import { CAPTION_VERSION as READING_VERSION } from '../basic/preprocessing.ts'
import { readPictureText } from '../basic/text-reader.ts'
import { fingerprint } from '../fingerprint.ts'
import type { CaptionerManifest } from '../manifest.ts'
import type { PixelImage, RunOptions } from '../pack.ts'
import { readPictureInput } from '../picture-input.ts'
import { type Generation, readGeneration } from './generation.ts'
import {
  BLANK,
  type CaptionerDeps,
  createSentenceCaptioner,
  type OpenedCaptioner,
  SENTENCE_VERSION,
  sendPicture,
  WARMING,
} from './sentence-captioner.ts'

type Manifest = Extract<CaptionerManifest, { kind: 'florence-2' }>

/** A page of print is longer than any caption; reading more than this takes longer than anybody waits. */
const READING_MAX_TOKENS = 320

/**
 * Florence-2. It reads the text in a picture itself when the manifest has a prompt for it, which is a second text
 * about the same picture and takes seconds; without one the basic pack reads.
 */
export async function openFlorence2(deps: CaptionerDeps<Manifest>): Promise<OpenedCaptioner> {
  const { files, manifest, pictures, threads } = deps
  const { source, vision, embed, encoder, decoder } = manifest
  const input = await readPictureInput(files, source, manifest.image_size)
  const generation = await readGeneration(files, source, manifest)
  const graph = (path: string) => ({ path: files.locate(source, path), threads })
  const graphs = { vision: graph(vision), embed: graph(embed), encoder: graph(encoder), decoder: graph(decoder) }
  const tokenizer = files.locate(source, '')
  const hashes = [vision, embed, encoder, decoder].map((path) => files.hashGraph(source, path))
  const prompts = listPrompts(manifest, generation)

  const write = (image: PixelImage, options: RunOptions, changes?: Partial<Generation>) =>
    sendPicture(image, input, options, (message, task) => {
      const asked = prompts.map(({ text, generation: own }) => ({ text, generation: { ...own, ...changes } }))
      return pictures.run('answerPrompts', { ...message, graphs, tokenizer, prompts: asked }, task)
    })
  return {
    captioner: createSentenceCaptioner({
      fingerprint: fingerprint(`florence-2-caption-${SENTENCE_VERSION}`, [hashes, input, prompts, READING_VERSION]),
      write,
      read: prompts.length > 1 ? undefined : (image, options) => readPictureText(image, pictures, options),
    }),
    warm: () => write(BLANK, { priority: 'query' }, WARMING),
  }
}

/** What is asked about every picture: for a caption, and then for its text. */
function listPrompts({ caption_prompt, ocr_prompt }: Manifest, generation: Generation) {
  const caption = { text: caption_prompt, generation }
  if (ocr_prompt === undefined) return [caption]
  const maxLength = Math.max(generation.maxLength, 1 + READING_MAX_TOKENS)
  return [caption, { text: ocr_prompt, generation: { ...generation, maxLength } }]
}
