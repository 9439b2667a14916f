import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { env, pipeline, RawImage } from '@huggingface/transformers'
import { openInstalledPack } from '#src/models/installed-pack.js'
import { openPackFiles } from '#src/models/pack-files.js'
import { preparePicture, readPictureInput } from '#src/models/picture-input.js'
import { writeTinyPack } from '../test/helpers/tiny-packs.ts'
import { clipTokenizer } from '../test/helpers/tiny-tokenizers.ts'
import { VIT_B, writeTextTower, writeVisionTower } from './models-graphs.ts'
import { compareWithTransformers, decode, type Measured, measure, photoPath, type Setup } from './side-by-side.ts'

/**
 * Pictures a second from JPEG files to vectors, by this program and by transformers.js with the same graph (the sizes
 * of CLIP ViT-B/32, weights that mean nothing), in turns, so that what else the machine does hits both.
 */

const PICTURES = 16

const files = Array.from({ length: PICTURES }, (_, index) =>
  photoPath(['nagasaki-boats', 'black-canyon', 'airplane-from-above', 'french-alpine-landscape'][index % 4] ?? ''),
)

const root = await mkdtemp(join(tmpdir(), 'darkroom-bench-'))
const directory = join(root, 'pack')
const installed = await writeTinyPack(directory)
const preprocessing = {
  do_resize: true,
  size: { shortest_edge: 224 },
  resample: 3,
  do_center_crop: true,
  crop_size: { height: 224, width: 224 },
  do_rescale: true,
  rescale_factor: 1 / 255,
  do_normalize: true,
  image_mean: [0.48145466, 0.4578275, 0.40821073],
  image_std: [0.26862954, 0.26130258, 0.27577711],
}
const vision = writeVisionTower(VIT_B, 'image_embeds')
await writeFile(join(directory, 'clip/onnx/vision_model.onnx'), vision)
await writeFile(join(directory, 'clip/onnx/text_model.onnx'), writeTextTower())
await writeFile(join(directory, 'clip/preprocessor_config.json'), JSON.stringify(preprocessing))
const { tokenizer, config } = clipTokenizer()
await mkdir(join(root, 'theirs/clip/onnx'), { recursive: true })
await writeFile(join(root, 'theirs/clip/onnx/vision_model.onnx'), vision)
await writeFile(
  join(root, 'theirs/clip/config.json'),
  JSON.stringify({ model_type: 'clip', architectures: ['CLIPModel'], vision_config: {}, text_config: {} }),
)
await writeFile(
  join(root, 'theirs/clip/preprocessor_config.json'),
  JSON.stringify({
    ...preprocessing,
    image_processor_type: 'CLIPImageProcessor',
    feature_extractor_type: 'CLIPFeatureExtractor',
  }),
)
await writeFile(join(root, 'theirs/clip/tokenizer.json'), JSON.stringify(tokenizer))
await writeFile(join(root, 'theirs/clip/tokenizer_config.json'), JSON.stringify(config))

/** One more at a time than there are workers: a picture is decoded while others are embedded. */
async function ours({ workers, threads }: Setup): Promise<Measured> {
  const pack = await openInstalledPack(installed, { modelWorkers: workers, sessionThreads: threads / workers })
  const embed = async (path: string) => pack.imageEncoder.embed(await decode(path))
  await Promise.all(files.slice(0, 2 * workers).map(embed))
  const queue = [...files]
  const measured = await measure(PICTURES, () =>
    Promise.all(
      Array.from({ length: workers + 1 }, async () => {
        for (let path = queue.pop(); path !== undefined; path = queue.pop()) await embed(path)
      }),
    ),
  )
  await pack.close()
  return measured
}

async function theirs({ threads }: Setup): Promise<Measured> {
  env.localModelPath = join(root, 'theirs')
  env.allowRemoteModels = false
  const session_options = { intraOpNumThreads: threads, interOpNumThreads: 1 }
  const extract = await pipeline('image-feature-extraction', 'clip', { dtype: 'fp32', session_options })
  await extract(files.slice(0, 1))
  const measured = await measure(PICTURES, async () => {
    for (const path of files) await extract(path)
  })
  await extract.dispose()
  return measured
}

await compareWithTransformers('pictures', ours, theirs)

/** Pixels as the model gets them, against Pillow's where it was run over the same JPEG (PILLOW: a folder of raw files). */
const { PILLOW } = process.env
if (PILLOW !== undefined) {
  const { readFile } = await import('node:fs/promises')
  const input = await readPictureInput(openPackFiles(installed), 'clip')
  const { AutoProcessor } = await import('@huggingface/transformers')
  const processor = await AutoProcessor.from_pretrained('clip')
  for (const path of new Set(files)) {
    const expected = await readFile(join(PILLOW, `${path.split('/').at(-3)}.raw`))
    const own = await preparePicture(await decode(path), input)
    const { pixel_values } = await processor(await RawImage.read(path))
    const planes: Float32Array = pixel_values.data
    const pixels = 224 * 224
    const other = Float32Array.from(expected, (_, index) => {
      const channel = index % 3
      const value = planes[channel * pixels + Math.floor(index / 3)] ?? 0
      return (value * (preprocessing.image_std[channel] ?? 1) + (preprocessing.image_mean[channel] ?? 0)) * 255
    })
    const distance = (values: ArrayLike<number>) =>
      expected.reduce((sum, value, index) => sum + Math.abs(value - (values[index] ?? 0)), 0) / expected.length
    process.stdout.write(
      `${path.split('/').at(-3)}: mean |d| to Pillow ours ${distance(own.data).toFixed(2)}, transformers.js ${distance(other).toFixed(2)}\n`,
    )
  }
}
await rm(root, { recursive: true })
