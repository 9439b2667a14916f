import { createGraph, type OnnxGraph } from '#src/models/onnx/writer.js'

/*
 * Graphs of the sizes of real models, with weights that mean nothing: how long they take is the same.
 * ViT-B/32 (CLIP's picture tower, 224 pixels, 12 layers of 768) and GPT-2 with cross-attention (vit-gpt2).
 */

export interface Sizes {
  readonly layers: number
  readonly width: number
  readonly heads: number
}

export const VIT_B: Sizes = { layers: 12, width: 768, heads: 12 }
export const GPT2: Sizes = { layers: 12, width: 768, heads: 12 }
export const GPT2_VOCABULARY = 50_257
const PATCH = 32
const SIDE = 224

/** A vision tower or encoder: `pixel_values` -> the vector of the picture, or of every patch. */
export function writeVisionTower(
  sizes: Sizes,
  output: 'image_embeds' | 'last_hidden_state',
  patch = PATCH,
): Uint8Array {
  const { width, layers } = sizes
  const graph = createGraph('vision')
  const make = createLayers(graph, sizes)
  graph.input('pixel_values', 'float32', ['batch_size', 3, 'height', 'width'])
  const kernel = make.weights([width, 3, patch, patch], 3 * patch * patch)
  const patches = graph.op('Conv', ['pixel_values', kernel], { kernel_shape: [patch, patch], strides: [patch, patch] })
  const flat = graph.op('Transpose', [graph.op('Reshape', [patches, graph.i64([0, width, -1])])], { perm: [0, 2, 1] })
  const count = (SIDE / patch) ** 2 + 1
  const first = make.weights([1, 1, width], 1)
  let tokens = graph.op('Concat', [first, flat], { axis: 1 })
  tokens = graph.op('Add', [tokens, make.weights([1, count, width], 1)])
  for (let layer = 0; layer < layers; layer++) {
    const normal = make.normalise(tokens)
    tokens = graph.op('Add', [tokens, make.attend(normal, make.split(normal), make.split(normal))])
    tokens = graph.op('Add', [tokens, make.perceive(make.normalise(tokens))])
  }
  const normal = make.normalise(tokens)
  if (output === 'last_hidden_state') {
    graph.op('Identity', [normal], {}, output)
    graph.output(output, 'float32', ['batch_size', 'positions', width])
  } else {
    const pooled = graph.op('Squeeze', [
      graph.op('Slice', [normal, graph.i64([0]), graph.i64([1]), graph.i64([1])]),
      graph.i64([1]),
    ])
    graph.op('MatMul', [pooled, make.weights([width, 512], width)], {}, output)
    graph.output(output, 'float32', ['batch_size', 512])
  }
  return graph.serialize()
}

/** A text tower of next to nothing: only pictures are measured. */
export function writeTextTower(): Uint8Array {
  const graph = createGraph('text')
  graph.input('input_ids', 'int64', ['batch_size', 'length'])
  const numbers = graph.op('Unsqueeze', [graph.op('Cast', ['input_ids'], { to: 1 }), graph.i64([2])])
  const vectors = graph.op('MatMul', [numbers, graph.f32(Array<number>(512).fill(1), [1, 512])])
  graph.op('ReduceMean', [vectors], { axes: [1], keepdims: 0 }, 'text_embeds')
  graph.output('text_embeds', 'float32', ['batch_size', 512])
  return graph.serialize()
}

/** A merged GPT-2 decoder with cross-attention. An empty past is simply joined: one branch does for both. */
export function writeDecoder(sizes: Sizes): Uint8Array {
  const { width, layers, heads } = sizes
  const graph = createGraph('decoder')
  const make = createLayers(graph, sizes)
  graph.input('input_ids', 'int64', ['batch_size', 'decoder_sequence_length'])
  graph.input('encoder_hidden_states', 'float32', ['batch_size', 'encoder_sequence_length', width])
  graph.input('use_cache_branch', 'bool', [1])
  const embedding = make.weights([GPT2_VOCABULARY, width], width)
  let tokens = graph.op('Gather', [embedding, 'input_ids'])
  for (let layer = 0; layer < layers; layer++) {
    const normal = make.normalise(tokens)
    const [key, value] = (['key', 'value'] as const).map((kind) => {
      const past = graph.input(`past_key_values.${layer}.${kind}`, 'float32', [
        'batch_size',
        heads,
        'past',
        width / heads,
      ])
      graph.op('Concat', [past, make.split(normal)], { axis: 2 }, `present.${layer}.${kind}`)
      graph.output(`present.${layer}.${kind}`, 'float32', ['batch_size', heads, 'total', width / heads])
      return `present.${layer}.${kind}`
    })
    tokens = graph.op('Add', [tokens, make.attend(normal, key ?? '', value ?? '')])
    const seen = [make.split('encoder_hidden_states'), make.split('encoder_hidden_states')] as const
    tokens = graph.op('Add', [tokens, make.attend(make.normalise(tokens), ...seen)])
    tokens = graph.op('Add', [tokens, make.perceive(make.normalise(tokens))])
  }
  const vocabulary = make.weights([width, GPT2_VOCABULARY], width)
  graph.op('MatMul', [make.normalise(tokens), vocabulary], {}, 'logits')
  graph.output('logits', 'float32', ['batch_size', 'decoder_sequence_length', GPT2_VOCABULARY])
  return graph.serialize()
}

function createLayers(graph: OnnxGraph, { width, heads }: Sizes) {
  let seed = 1
  /** Uniform and small enough that no layer overflows; xorshift, because millions are drawn. */
  const weights = (dims: readonly number[], fanIn: number) => {
    const scale = 1 / Math.sqrt(fanIn) / 2 ** 31
    const data = new Float32Array(dims.reduce((product, dim) => product * dim, 1))
    let state = seed++ * 2654435761
    for (let index = 0; index < data.length; index++) {
      state ^= state << 13
      state ^= state >>> 17
      state ^= state << 5
      data[index] = state * scale
    }
    return graph.init('float32', dims, data)
  }
  const linear = (value: string, from: number, to: number) =>
    graph.op('Add', [graph.op('MatMul', [value, weights([from, to], from)]), weights([to], to)])
  const ones = graph.init('float32', [width], new Float32Array(width).fill(1))
  const zeros = graph.init('float32', [width], new Float32Array(width))
  const toHeads = (value: string) =>
    graph.op('Transpose', [graph.op('Reshape', [value, graph.i64([0, -1, heads, width / heads])])], {
      perm: [0, 2, 1, 3],
    })
  return {
    weights,
    normalise: (value: string) => graph.op('LayerNormalization', [value, ones, zeros], { axis: -1 }),
    split: (value: string) => toHeads(linear(value, width, width)),
    attend(value: string, keys: string, values: string) {
      const queries = toHeads(linear(value, width, width))
      const likeness = graph.op('MatMul', [queries, graph.op('Transpose', [keys], { perm: [0, 1, 3, 2] })])
      const scaled = graph.op('Mul', [likeness, graph.f32([1 / Math.sqrt(width / heads)])])
      const mixed = graph.op('MatMul', [graph.op('Softmax', [scaled], { axis: -1 }), values])
      const joined = graph.op('Reshape', [
        graph.op('Transpose', [mixed], { perm: [0, 2, 1, 3] }),
        graph.i64([0, -1, width]),
      ])
      return linear(joined, width, width)
    },
    perceive(value: string) {
      const wide = linear(value, width, 4 * width)
      const gate = graph.op('Sigmoid', [graph.op('Mul', [wide, graph.f32([1.702])])])
      return linear(graph.op('Mul', [wide, gate]), 4 * width, width)
    },
  }
}
