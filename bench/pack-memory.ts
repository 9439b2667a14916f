import { createHash } from 'node:crypto'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createMessage } from '#src/models/onnx/protobuf.js'
import { createGraph } from '#src/models/onnx/writer.js'
import type { ModelPacks } from '#src/schemas/model-packs.js'
import { startServer, untilReady } from '../demo/server-process.ts'
import { openClient } from '../test/helpers/client.ts'
import { picture } from '../test/helpers/samples.ts'
import { type TinyPackOptions, writeTinyPack } from '../test/helpers/tiny-packs.ts'
import { until } from '../test/helpers/until.ts'

/**
 * The memory of the server with each larger pack: when it is active, when it has described a picture, and when somebody
 * has searched. The graphs are tiny ones that carry random weights as large and of the kind as those of the real files,
 * and use them; what real ones need for their activations and their dictionaries (270 MB for SigLIP 2) comes on top.
 *
 *   npx tsx bench/pack-memory.ts [small] [recommended] [large]
 */

interface Weights {
  readonly file: string
  readonly input: 'pixel_values' | 'input_ids' | 'inputs_embeds'
  readonly type: 'float32' | 'int8'
  readonly megabytes: number
}

/** Sizes as the hub tells them; those of the text tower and of the captioner of `large` are reckoned from its dimensions. */
const PACKS: Record<string, { tiny: TinyPackOptions; weights: Weights[] }> = {
  small: {
    tiny: { kind: 'clip', captioner: 'vit-gpt2' },
    weights: [
      { file: 'clip/onnx/vision_model.onnx', input: 'pixel_values', type: 'int8', megabytes: 89 },
      { file: 'clip/onnx/text_model.onnx', input: 'input_ids', type: 'int8', megabytes: 64.5 },
      { file: 'captioner/onnx/encoder_model.onnx', input: 'pixel_values', type: 'int8', megabytes: 87 },
      { file: 'captioner/onnx/decoder_model_merged.onnx', input: 'input_ids', type: 'int8', megabytes: 99.8 },
    ],
  },
  recommended: {
    tiny: { kind: 'siglip', captioner: 'florence-2' },
    weights: [
      { file: 'siglip/onnx/vision_model.onnx', input: 'pixel_values', type: 'float32', megabytes: 378 },
      { file: 'siglip/onnx/text_model.onnx', input: 'input_ids', type: 'int8', megabytes: 283 },
      { file: 'florence/onnx/vision_encoder.onnx', input: 'pixel_values', type: 'int8', megabytes: 93.7 },
      { file: 'florence/onnx/embed_tokens.onnx', input: 'input_ids', type: 'int8', megabytes: 39.4 },
      { file: 'florence/onnx/encoder_model.onnx', input: 'inputs_embeds', type: 'int8', megabytes: 43.7 },
      { file: 'florence/onnx/decoder_model_merged.onnx', input: 'inputs_embeds', type: 'int8', megabytes: 98.2 },
    ],
  },
  large: {
    tiny: { kind: 'siglip', captioner: 'florence-2' },
    weights: [
      { file: 'siglip/onnx/vision_model.onnx', input: 'pixel_values', type: 'float32', megabytes: 1713 },
      { file: 'siglip/onnx/text_model.onnx', input: 'input_ids', type: 'int8', megabytes: 710 },
      { file: 'florence/onnx/vision_encoder.onnx', input: 'pixel_values', type: 'int8', megabytes: 364 },
      { file: 'florence/onnx/embed_tokens.onnx', input: 'input_ids', type: 'int8', megabytes: 52.5 },
      { file: 'florence/onnx/encoder_model.onnx', input: 'inputs_embeds', type: 'int8', megabytes: 152 },
      { file: 'florence/onnx/decoder_model_merged.onnx', input: 'inputs_embeds', type: 'int8', megabytes: 256 },
    ],
  },
}
/** A layer of a transformer is made of matrices like these. */
const [WIDTH, INNER] = [768, 3072]

const wanted = process.argv.slice(2)
process.stdout.write('pack         files  start  active  described  searched (MB of the whole process)\n')
for (const name of wanted.length > 0 ? wanted : Object.keys(PACKS)) await measure(name)

async function measure(name: string): Promise<void> {
  const pack = PACKS[name]
  if (!pack) throw new Error(`Expected one of ${Object.keys(PACKS)} but received ${name}`)
  const dataDir = await mkdtemp(join(tmpdir(), 'darkroom-bench-'))
  const directory = join(dataDir, 'models', 'weighed')
  await writeTinyPack(directory, { ...pack.tiny, name: 'weighed' })
  for (const weights of pack.weights) await weigh(directory, weights)
  const server = await startServer(dataDir, '0', { MODEL_WORKERS: '1' })
  await untilReady(server.address)
  const start = await residentMegabytes(server.pid)
  const client = await openClient(server.address, 'bench')
  await client.call('POST', '/v1/models/use', { pack: 'weighed' })
  await until(async () => (await client.call<ModelPacks>('GET', '/v1/models')).body.active === 'weighed')
  const active = await residentMegabytes(server.pid)
  const { body } = await client.upload(await picture(1))
  const developed = await client.developed(body.id)
  if (developed.status !== 'completed') throw new Error(`The picture was not described: ${JSON.stringify(developed)}`)
  const described = await residentMegabytes(server.pid)
  const found = await client.call<{ hits: unknown[] }>('POST', '/v1/search', { query: 'a cat on a mat' })
  if (found.status !== 200) throw new Error(`The search was answered with ${found.status}`)
  const searched = await residentMegabytes(server.pid)
  const files = pack.weights.reduce((sum, { megabytes }) => sum + megabytes, 0)
  const columns = [files, start, active, described, searched].map((it) => it.toFixed(0).padStart(7))
  process.stdout.write(`${name.padEnd(11)}${columns.join('  ')}\n`)
  await server.stop()
  await rm(dataDir, { recursive: true })
}

/**
 * Adds matrices to a model, and a chain of products with them that begins at its input. Of messages one after another
 * the repeated fields add up (protobuf.dev, "Last One Wins"), so the model is not taken apart.
 */
async function weigh(directory: string, { file, input, type, megabytes }: Weights): Promise<void> {
  const graph = createGraph('weights', 'weights_')
  const numbers = input === 'input_ids' ? graph.op('Cast', [input], { to: 1 }) : input
  const mean = graph.op('ReduceMean', [numbers], { keepdims: 0 })
  let row = graph.op('Expand', [mean, graph.i64([1, WIDTH])])
  const count = Math.round((megabytes * 1e6) / (WIDTH * INNER * (type === 'int8' ? 1 : 4)))
  const values = type === 'int8' ? randomBytes(WIDTH * INNER) : randomNumbers(WIDTH * INNER)
  for (let matrix = 0; matrix < count; matrix++) {
    const dims = matrix % 2 === 0 ? [WIDTH, INNER] : [INNER, WIDTH]
    const weights = graph.init(type, dims, values)
    row = type === 'int8' ? quantizedProduct(row, weights) : graph.op('MatMul', [row, weights])
  }
  const path = join(directory, file)
  await writeFile(path, createMessage().message(7, graph.toMessage()).encode(), { flag: 'a' })
  await record(directory, file, path)

  /** As `quantize_dynamic` of onnxruntime writes it. */
  function quantizedProduct(from: string, weights: string): string {
    const [bytes = '', scale = '', zero = ''] = graph.ops('DynamicQuantizeLinear', [from], {}, 3)
    const sums = graph.op('MatMulInteger', [bytes, weights, zero])
    return graph.op('Mul', [graph.op('Cast', [sums], { to: 1 }), graph.op('Mul', [scale, graph.f32([0.01], [])])])
  }
}

/** The installation knows what its files are. */
async function record(directory: string, file: string, path: string): Promise<void> {
  const listPath = join(directory, 'installed.json')
  const list = JSON.parse(await readFile(listPath, 'utf8')) as {
    files: { source: string; path: string; bytes: number; sha256: string }[]
  }
  for (const entry of list.files) {
    if (`${entry.source}/${entry.path}` !== file) continue
    entry.bytes = (await stat(path)).size
    entry.sha256 = createHash('sha256')
      .update(await readFile(path))
      .digest('hex')
  }
  await writeFile(listPath, JSON.stringify(list))
}

function randomNumbers(count: number): Float32Array {
  return Float32Array.from({ length: count }, () => (Math.random() - 0.5) / 50)
}

function randomBytes(count: number): Int8Array {
  return Int8Array.from({ length: count }, () => Math.floor(Math.random() * 256) - 128)
}

async function residentMegabytes(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) / 1000
}
