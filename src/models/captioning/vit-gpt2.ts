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

type Manifest = Extract<CaptionerManifest, { kind: 'vit-gpt2' }>

/** Sentences by an encoder and a decoder. Such a pair cannot read, so the basic pack reads. */
export async function openVitGpt2(deps: CaptionerDeps<Manifest>): Promise<OpenedCaptioner> {
  const { files, manifest, pictures, threads } = deps
  const { source } = manifest
  const input = await readPictureInput(files, source)
  const generation = await readGeneration(files, source, manifest)
  const graph = (path: string) => ({ path: files.locate(source, path), threads })
  const graphs = { encoder: graph(manifest.encoder), decoder: graph(manifest.decoder) }
  const tokenizer = files.locate(source, '')
  const hashes = [manifest.encoder, manifest.decoder].map((path) => files.hashGraph(source, path))

  const write = (image: PixelImage, options: RunOptions, changes?: Partial<Generation>) =>
    sendPicture(image, input, options, (message, task) =>
      pictures.run('writeSentence', { ...message, graphs, tokenizer, generation: { ...generation, ...changes } }, task),
    )
  return {
    captioner: createSentenceCaptioner({
      fingerprint: fingerprint(`vit-gpt2-caption-${SENTENCE_VERSION}`, [hashes, input, generation, READING_VERSION]),
      write: async (image, options) => [await write(image, options)],
      read: (image, options) => readPictureText(image, pictures, options),
    }),
    warm: () => write(BLANK, { priority: 'query' }, WARMING),
  }
}
