import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { env, pipeline } from '@huggingface/transformers'
import { createInference } from '#src/models/basic/inference.js'
import { readGeneration } from '#src/models/captioning/generation.js'
import { sendPicture } from '#src/models/captioning/sentence-captioner.js'
import { openPackFiles } from '#src/models/pack-files.js'
import { readPictureInput } from '#src/models/picture-input.js'
import { writeTinyPack } from '../test/helpers/tiny-packs.ts'
import { wordTokenizer } from '../test/helpers/tiny-tokenizers.ts'
import { GPT2, GPT2_VOCABULARY, VIT_B, writeDecoder, writeVisionTower } from './models-graphs.ts'
import { compareWithTransformers, decode, type Measured, measure, photoPath, type Setup } from './side-by-side.ts'

/**
 * Tokens a second from JPEG files to captions, by this program and by transformers.js with the same graphs (the sizes
 * of vit-gpt2-image-captioning, weights that mean nothing), in turns. Every caption has the most tokens. The text in
 * the picture is not read: theirs does not do that.
 */

const PICTURES = 4
const TOKENS = 16

const photo = photoPath('nagasaki-boats')
const root = await mkdtemp(join(tmpdir(), 'darkroom-bench-'))
const directory = join(root, 'pack')
const tiny = await writeTinyPack(directory, { captioner: 'vit-gpt2' })
const { manifest } = tiny
const installed = { ...tiny, manifest: { ...manifest, captioner: { ...manifest.captioner, max_new_tokens: TOKENS } } }

const end = GPT2_VOCABULARY - 1
const words = Array.from({ length: GPT2_VOCABULARY - 257 }, (_, index) => `w${index}`)
const { tokenizer, config } = wordTokenizer(words, ['<|endoftext|>'])
const tokenIds = { decoder_start_token_id: end, bos_token_id: end, eos_token_id: end, pad_token_id: end }
const files: Record<string, Uint8Array | object> = {
  'onnx/encoder_model.onnx': writeVisionTower(VIT_B, 'last_hidden_state', 16),
  'onnx/decoder_model_merged.onnx': writeDecoder(GPT2),
  'tokenizer.json': tokenizer,
  'tokenizer_config.json': config,
  'generation_config.json': { ...tokenIds, min_length: TOKENS + 1 },
  'config.json': {
    ...tokenIds,
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

const packFiles = openPackFiles(installed)
const input = await readPictureInput(packFiles, 'captioner')
const generation = await readGeneration(packFiles, 'captioner', installed.manifest.captioner)

async function ours({ workers, threads }: Setup): Promise<Measured> {
  const pictures = createInference(workers)
  const graph = (name: string) => ({
    path: packFiles.locate('captioner', `onnx/${name}.onnx`),
    threads: threads / workers,
  })
  const graphs = { encoder: graph('encoder_model'), decoder: graph('decoder_model_merged') }
  const tokenizer = packFiles.locate('captioner', '')
  const describe = async () =>
    sendPicture(await decode(photo), input, {}, (message, task) =>
      pictures.run('writeSentence', { ...message, graphs, tokenizer, generation }, task),
    )
  await Promise.all(Array.from({ length: 2 * workers }, describe))
  const measured = await measure(PICTURES * TOKENS, () => Promise.all(Array.from({ length: PICTURES }, describe)))
  await pictures.close()
  return measured
}

async function theirs({ threads }: Setup): Promise<Measured> {
  env.localModelPath = join(root, 'theirs')
  env.allowRemoteModels = false
  const session_options = { intraOpNumThreads: threads, interOpNumThreads: 1 }
  const caption = await pipeline('image-to-text', 'captioner', { dtype: 'fp32', session_options })
  const describe = () => caption(photo, { max_new_tokens: TOKENS, min_new_tokens: TOKENS })
  await describe()
  const measured = await measure(PICTURES * TOKENS, async () => {
    for (let picture = 0; picture < PICTURES; picture++) await describe()
  })
  await caption.dispose()
  return measured
}

await compareWithTransformers('tokens', ours, theirs)
await rm(root, { recursive: true })
