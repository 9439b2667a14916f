import { createHash } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { CaptionerManifest, EncodersManifest, PackManifest } from '#src/models/manifest.js'
import type { InstalledFile, InstalledPack } from '#src/models/store/installed.js'
import {
  type DecoderShape,
  tinyDecoder,
  tinyEmbedding,
  tinyPictureEncoder,
  tinyTextEncoder,
  tinyTextTower,
  tinyVisionTower,
} from './tiny-models.ts'
import {
  CLIP_WORDS,
  clipTokenizer,
  siglipTokenizer,
  type TokenizerFiles,
  wordId,
  wordTokenizer,
} from './tiny-tokenizers.ts'

export interface TinyPackOptions {
  /** Of the encoders; default `clip`. */
  readonly kind?: EncodersManifest['kind']
  /** Default `basic`. */
  readonly captioner?: CaptionerManifest['kind']
  readonly name?: string
  readonly beams?: number
  readonly cacheType?: DecoderShape['cacheType']
  readonly layers?: number
  readonly heads?: number
  readonly headSize?: number
  /** Florence-2 reads text itself. */
  readonly reads?: boolean
}

/** What the tiny captioners write about dark and about bright pictures. */
export const TINY_CAPTIONS = { dark: 'A cat sleeps on a mat.', bright: 'Two dogs run over the bright beach.' } as const

/** By path, `<source>/<path>`. */
type Files = Record<string, Uint8Array | object>

/**
 * Writes a pack of tiny models into a folder as an installation leaves it: `manifest.json`, the files, and
 * `installed.json` with their hashes. Pictures are found by the colours "red", "green" and "blue".
 */
export async function writeTinyPack(directory: string, options: TinyPackOptions = {}): Promise<InstalledPack> {
  const kind = options.kind ?? 'clip'
  const encoders = kind === 'clip' ? clip() : siglip()
  const captioner = captionerOf(options)
  const files: Files = { ...encoders.files, ...captioner.files }
  const manifest: PackManifest = {
    name: options.name ?? `tiny-${kind}`,
    summary: 'Models of a few kilobytes for tests.',
    sources: Object.fromEntries(
      [...new Set(Object.keys(files).map(sourceOf))].map((source) => [
        source,
        {
          repository: `tiny/${source}`,
          revision: 'main',
          licence: 'MIT',
          files: Object.keys(files)
            .filter((name) => sourceOf(name) === source)
            .map((name) => ({ path: name.slice(source.length + 1) })),
        },
      ]),
    ),
    encoders: encoders.manifest,
    captioner: captioner.manifest,
    costs: { memory_bytes: 100_000_000, seconds_per_photo: 0.1 },
  }
  const installed = { manifest, directory, files: await writeFiles(directory, files) }
  await writeFile(join(directory, 'manifest.json'), JSON.stringify(manifest))
  return installed
}

const sourceOf = (name: string) => name.slice(0, name.indexOf('/'))

async function writeFiles(directory: string, files: Files): Promise<InstalledFile[]> {
  const record: InstalledFile[] = []
  for (const [name, content] of Object.entries(files)) {
    const bytes = content instanceof Uint8Array ? content : Buffer.from(JSON.stringify(content))
    const path = join(directory, name)
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, bytes)
    const sha256 = createHash('sha256').update(bytes).digest('hex')
    record.push({ source: sourceOf(name), path: name.slice(sourceOf(name).length + 1), bytes: bytes.length, sha256 })
  }
  await writeFile(
    join(directory, 'installed.json'),
    JSON.stringify({ installed_at: new Date(0).toISOString(), files: record }),
  )
  return record
}

const HALF = { do_rescale: true, rescale_factor: 1 / 255, do_normalize: true, image_mean: [0.5, 0.5, 0.5] }

function clip(): { manifest: EncodersManifest; files: Files } {
  const words = clipTokenizer()
  const { red, green, blue } = CLIP_WORDS
  return {
    manifest: {
      kind: 'clip',
      source: 'clip',
      vision: 'onnx/vision_model.onnx',
      text: 'onnx/text_model.onnx',
      relevance_floor: 0.8,
      tokens: { lowercase: false, max: 77 },
    },
    files: {
      'clip/onnx/vision_model.onnx': tinyVisionTower(16, 'image_embeds'),
      'clip/onnx/text_model.onnx': tinyTextTower({
        vocabularySize: words.vocabularySize,
        colourTokens: { red: [red], green: [green], blue: [blue] },
        output: 'text_embeds',
      }),
      ...tokenizerFiles('clip', words),
      'clip/preprocessor_config.json': {
        ...HALF,
        image_std: [0.5, 0.5, 0.5],
        do_resize: true,
        size: { shortest_edge: 16 },
        resample: 3,
        do_center_crop: true,
        crop_size: { height: 16, width: 16 },
      },
    },
  }
}

function siglip(): { manifest: EncodersManifest; files: Files } {
  const words = siglipTokenizer()
  // Alone, and with the space before it.
  const colour = (word: string) => [words.idOf(word), words.idOf(`▁${word}`)]
  return {
    manifest: {
      kind: 'siglip',
      source: 'siglip',
      vision: 'onnx/vision_model.onnx',
      text: 'onnx/text_model.onnx',
      relevance_floor: 0.8,
      tokens: { lowercase: true, max: 64, pad_to: 64, pad_id: 0 },
    },
    files: {
      'siglip/onnx/vision_model.onnx': tinyVisionTower(16, 'pooler_output'),
      'siglip/onnx/text_model.onnx': tinyTextTower({
        vocabularySize: words.vocabularySize,
        colourTokens: { red: colour('red'), green: colour('green'), blue: colour('blue') },
        output: 'pooler_output',
        exactly: 64,
      }),
      ...tokenizerFiles('siglip', words),
      'siglip/preprocessor_config.json': {
        ...HALF,
        image_std: [0.5, 0.5, 0.5],
        do_resize: true,
        size: { height: 16, width: 16 },
        resample: 2,
      },
    },
  }
}

function tokenizerFiles(source: string, { tokenizer, config }: TokenizerFiles): Files {
  return { [`${source}/tokenizer.json`]: tokenizer, [`${source}/tokenizer_config.json`]: config }
}

function captionerOf(options: TinyPackOptions): { manifest: CaptionerManifest; files: Files } {
  switch (options.captioner ?? 'basic') {
    case 'basic':
      return { manifest: { kind: 'basic' }, files: {} }
    case 'vit-gpt2':
      return vitGpt2(options)
    case 'florence-2':
      return florence2(options)
  }
}

const WORDS = 'a cat sleeps on mat two dogs run over the bright beach what is shown'.split(' ')
const asTokens = (text: string) =>
  text
    .toLowerCase()
    .replace('.', '')
    .split(' ')
    .map((word) => wordId(WORDS, word))

const CHANNELS = 8

function shapeOf(options: TinyPackOptions, vocabularySize: number): Omit<DecoderShape, 'scripts' | 'endToken'> {
  const { layers = 2, heads = 2, headSize = 4, cacheType = 'float32' } = options
  return { layers, heads, headSize, cacheType, channels: CHANNELS, vocabularySize, hasEncoderCache: false }
}

/** The end token is also the first, as GPT-2 has it. */
function vitGpt2(options: TinyPackOptions): { manifest: CaptionerManifest; files: Files } {
  const words = wordTokenizer(WORDS, ['<|endoftext|>'])
  const endToken = words.vocabularySize - 1
  const shape: DecoderShape = {
    ...shapeOf(options, words.vocabularySize),
    scripts: [asTokens(TINY_CAPTIONS.dark), asTokens(TINY_CAPTIONS.bright)],
    endToken,
  }
  return {
    manifest: {
      kind: 'vit-gpt2',
      source: 'captioner',
      encoder: 'onnx/encoder_model.onnx',
      decoder: 'onnx/decoder_model_merged.onnx',
      beams: options.beams ?? 1,
      max_new_tokens: 16,
    },
    files: {
      'captioner/onnx/encoder_model.onnx': tinyPictureEncoder('last_hidden_state', 8, CHANNELS),
      'captioner/onnx/decoder_model_merged.onnx': tinyDecoder(shape),
      ...tokenizerFiles('captioner', words),
      'captioner/config.json': {
        model_type: 'vision-encoder-decoder',
        decoder_start_token_id: endToken,
        eos_token_id: endToken,
        decoder: { bos_token_id: endToken, no_repeat_ngram_size: 0 },
      },
      'captioner/preprocessor_config.json': { ...HALF, image_std: [0.5, 0.5, 0.5], size: 16, resample: 2 },
    },
  }
}

/** The first token is forced, as in Florence: so the scripts begin with one that is never written. */
function florence2(options: TinyPackOptions): { manifest: CaptionerManifest; files: Files } {
  const words = wordTokenizer(WORDS, ['<s>', '<pad>', '</s>'])
  const [start, end] = [words.vocabularySize - 3, words.vocabularySize - 1]
  const shape: DecoderShape = {
    ...shapeOf(options, words.vocabularySize),
    scripts: [
      [end, ...asTokens(TINY_CAPTIONS.dark)],
      [end, ...asTokens(TINY_CAPTIONS.bright)],
    ],
    endToken: end,
    hasEncoderCache: true,
  }
  return {
    manifest: {
      kind: 'florence-2',
      source: 'florence',
      vision: 'onnx/vision_encoder.onnx',
      embed: 'onnx/embed_tokens.onnx',
      encoder: 'onnx/encoder_model.onnx',
      decoder: 'onnx/decoder_model_merged.onnx',
      caption_prompt: ' what is shown',
      ...(options.reads ? { ocr_prompt: ' what is on the mat' } : {}),
      beams: options.beams ?? 1,
      max_new_tokens: 20,
    },
    files: {
      'florence/onnx/vision_encoder.onnx': tinyPictureEncoder('image_features', 8, CHANNELS),
      'florence/onnx/embed_tokens.onnx': tinyEmbedding(words.vocabularySize, CHANNELS),
      'florence/onnx/encoder_model.onnx': tinyTextEncoder(CHANNELS),
      'florence/onnx/decoder_model_merged.onnx': tinyDecoder(shape),
      ...tokenizerFiles('florence', words),
      'florence/config.json': {
        model_type: 'florence2',
        text_config: { decoder_start_token_id: end, eos_token_id: end },
      },
      'florence/generation_config.json': { forced_bos_token_id: start, eos_token_id: end, no_repeat_ngram_size: 3 },
      'florence/preprocessor_config.json': {
        do_resize: true,
        size: { height: 32, width: 32 },
        crop_size: { height: 32, width: 32 },
        do_center_crop: null,
        resample: 3,
        image_mean: [0.485, 0.456, 0.406],
        image_std: [0.229, 0.224, 0.225],
      },
    },
  }
}
