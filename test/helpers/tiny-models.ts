import { createGraph, type OnnxGraph } from '#src/models/onnx/writer.js'

/*
 * Models of a few kilobytes with the inputs and outputs of the real ones. They compute something that shows whether
 * they were used rightly.
 */

/** Numbers that look random and are always the same. */
export function numbers(count: number, seed = 1): Float32Array {
  let state = seed
  return Float32Array.from({ length: count }, () => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff
    return state / 0x7fffffff - 0.5
  })
}

/** What pictures and texts of the tiny CLIP are about; the rest of the vector is noise that both towers share. */
export const COLOURS = ['red', 'green', 'blue'] as const
export const JOINT_DIMENSIONS = 8

/** A picture's vector is its mean colour; it expects pixels that are normalised with mean and deviation 0.5. */
export function tinyVisionTower(side: number, output: 'image_embeds' | 'pooler_output'): Uint8Array {
  const graph = createGraph('vision')
  graph.input('pixel_values', 'float32', ['batch_size', 'num_channels', side, side])
  const mean = graph.op('ReduceMean', ['pixel_values'], { axes: [2, 3], keepdims: 0 })
  // A black picture is the zero vector without this.
  const shifted = graph.op('Add', [mean, graph.f32([1.0001], [1])])
  const wide = graph.op('MatMul', [shifted, graph.f32(identity(3, JOINT_DIMENSIONS), [3, JOINT_DIMENSIONS])])
  if (output === 'pooler_output') {
    const hidden = graph.op('Unsqueeze', [wide, graph.i64([1])], {}, 'last_hidden_state')
    graph.output(hidden, 'float32', ['batch_size', 1, JOINT_DIMENSIONS])
  }
  graph.op('Identity', [wide], {}, output)
  graph.output(output, 'float32', ['batch_size', JOINT_DIMENSIONS])
  return graph.serialize()
}

export interface TinyTextTower {
  readonly vocabularySize: number
  /** Tokens that mean a colour; each other token means nothing. */
  readonly colourTokens: Readonly<Record<(typeof COLOURS)[number], readonly number[]>>
  readonly output: 'text_embeds' | 'pooler_output'
  /** The tower fails unless it gets exactly so many tokens, as a fixed context silently gives wrong vectors. */
  readonly exactly?: number
}

/** A text's vector is the sum of its colours, and nearly nothing for every other token. */
export function tinyTextTower({ vocabularySize, colourTokens, output, exactly }: TinyTextTower): Uint8Array {
  const graph = createGraph('text')
  graph.input('input_ids', 'int64', ['batch_size', 'sequence_length'])
  const table = numbers(vocabularySize * 3).map((value) => value * 1e-4)
  for (const [index, colour] of COLOURS.entries()) {
    for (const token of colourTokens[colour]) table[token * 3 + index] = 1
  }
  const meanings = graph.init('float32', [vocabularySize, 3], table)
  const ids =
    exactly === undefined ? 'input_ids' : graph.op('Reshape', ['input_ids', graph.i64([1, exactly])], { allowzero: 0 })
  const sum = graph.op('ReduceSum', [graph.op('Gather', [meanings, ids]), graph.i64([1])], { keepdims: 0 })
  graph.op('MatMul', [sum, graph.f32(identity(3, JOINT_DIMENSIONS), [3, JOINT_DIMENSIONS])], {}, output)
  graph.output(output, 'float32', ['batch_size', JOINT_DIMENSIONS])
  return graph.serialize()
}

function identity(rows: number, columns: number): number[] {
  return Array.from({ length: rows * columns }, (_, index) => (Math.floor(index / columns) === index % columns ? 1 : 0))
}

/** Sizes of a scripted decoder. */
export interface DecoderShape {
  readonly layers: number
  readonly heads: number
  readonly headSize: number
  readonly channels: number
  readonly vocabularySize: number
  readonly cacheType: 'float32' | 'float16'
  /** Florence: takes vectors, has keys and values of the picture, gives placeholders for them with a past. */
  readonly hasEncoderCache: boolean
  /** What it writes about a dark and about a bright picture; a cache that was kept wrongly makes it write other things. */
  readonly scripts: readonly [dark: readonly number[], bright: readonly number[]]
  readonly endToken: number
}

export const MAX_POSITIONS = 32

/** A merged decoder: `use_cache_branch` chooses between a branch with a past and one without. */
export function tinyDecoder(shape: DecoderShape): Uint8Array {
  const { channels, heads, headSize, vocabularySize, hasEncoderCache, cacheType } = shape
  const graph = createGraph('decoder')
  if (hasEncoderCache) {
    graph.input('encoder_attention_mask', 'int64', ['batch_size', 'encoder_sequence_length'])
    graph.input('inputs_embeds', 'float32', ['batch_size', 'decoder_sequence_length', channels])
  } else {
    graph.input('input_ids', 'int64', ['batch_size', 'decoder_sequence_length'])
  }
  graph.input('encoder_hidden_states', 'float32', ['batch_size', 'encoder_sequence_length', channels])
  const names = cacheNames(shape)
  for (const name of names) {
    const length = name.includes('.encoder.') ? 'encoder_sequence_length_out' : 'past_decoder_sequence_length'
    graph.input(`past_key_values.${name}`, cacheType, ['batch_size', heads, length, headSize])
  }
  graph.input('use_cache_branch', 'bool', [1])
  if (!hasEncoderCache)
    graph.init('float32', [vocabularySize, channels], numbers(vocabularySize * channels), 'embedding')
  graph.init('float32', [channels, heads * headSize], numbers(channels * heads * headSize, 7), 'projection')
  for (const [index, script] of shape.scripts.entries()) {
    graph.init('float32', [MAX_POSITIONS, vocabularySize], scriptTable(script, shape), `script_${index}`)
  }
  const branches = { then_branch: { graph: branch(shape, true) }, else_branch: { graph: branch(shape, false) } }
  const [logits = '', ...presents] = graph.ops('If', ['use_cache_branch'], branches, 1 + names.length)
  graph.op('Identity', [logits], {}, 'logits')
  graph.output('logits', 'float32', ['batch_size', 'decoder_sequence_length', vocabularySize])
  for (const [index, name] of names.entries()) {
    graph.op('Identity', [presents[index] ?? ''], {}, `present.${name}`)
    graph.output(`present.${name}`, cacheType, ['batch_size', heads, 'length', headSize])
  }
  return graph.serialize()
}

function cacheNames({ layers, hasEncoderCache }: DecoderShape): string[] {
  const sides = hasEncoderCache ? ['decoder.', 'encoder.'] : ['']
  return Array.from({ length: layers }, (_, layer) =>
    sides.flatMap((side) => ['key', 'value'].map((kind) => `${layer}.${side}${kind}`)),
  ).flat()
}

/** One row of scores per position: 5 for the token of the script, falling off from there. */
function scriptTable(script: readonly number[], { vocabularySize, endToken }: DecoderShape): Float32Array {
  const table = new Float32Array(MAX_POSITIONS * vocabularySize).fill(-5)
  for (let position = 0; position < MAX_POSITIONS; position++) {
    table[position * vocabularySize + (script[position] ?? endToken)] = 5
  }
  return table
}

/**
 * The position is the length of the past as the cache has it, so a cache that does not grow repeats a word. With a past
 * the brightness comes from the cached keys of the picture (Florence), so that overwriting them changes the words.
 */
function branch(shape: DecoderShape, hasPast: boolean): OnnxGraph {
  const { heads, headSize, vocabularySize, hasEncoderCache, cacheType } = shape
  const scope = hasPast ? 'past/' : 'first/'
  const graph = createGraph(hasPast ? 'with_past' : 'without_past', scope)
  const tokens = hasEncoderCache ? 'inputs_embeds' : graph.op('Gather', ['embedding', 'input_ids'])
  const split = (value: string) => {
    const projected = graph.op('MatMul', [value, 'projection'])
    const rows = graph.op('Reshape', [projected, graph.i64([0, 0, heads, headSize])])
    const turned = graph.op('Transpose', [rows], { perm: [0, 2, 1, 3] })
    return cacheType === 'float16' ? graph.op('Cast', [turned], { to: 10 }) : turned
  }
  const presents = cacheNames(shape).map((name) => {
    if (!name.includes('encoder.')) {
      return hasPast
        ? graph.op('Concat', [`past_key_values.${name}`, split(tokens)], { axis: 2 })
        : graph.op('Identity', [split(tokens)])
    }
    if (!hasPast) return graph.op('Identity', [split('encoder_hidden_states')])
    return graph.op('Identity', [
      graph.init(cacheType, [0, heads, 1, headSize], cacheType === 'float16' ? new Uint16Array() : new Float32Array()),
    ])
  })
  const sizeOf = (value: string, axis: number) =>
    graph.op('Squeeze', [graph.op('Gather', [graph.op('Shape', [value]), graph.i64([axis])]), graph.i64([0])])
  const total = sizeOf(presents[0] ?? '', 2)
  const begin = graph.op('Sub', [total, sizeOf(tokens, 1)])
  const positions = graph.op('Range', [begin, total, graph.i64([1], [])])
  const pictureKeys = hasEncoderCache && hasPast ? 'past_key_values.0.encoder.value' : undefined
  const keys = pictureKeys && cacheType === 'float16' ? graph.op('Cast', [pictureKeys], { to: 1 }) : pictureKeys
  const bright = keys ? keysAreBright(graph, keys, shape) : isPositive(graph, 'encoder_hidden_states')
  const script = graph.op('Where', [bright, 'script_1', 'script_0'])
  const rows = graph.op('Unsqueeze', [graph.op('Gather', [script, positions]), graph.i64([0])])
  const perText = graph.op('ReduceMean', [tokens], { axes: [2], keepdims: 1 })
  const logits = graph.op('Add', [rows, graph.op('Mul', [perText, graph.f32([0.01])])])
  graph.output(logits, 'float32', ['batch_size', 'sequence', vocabularySize])
  for (const present of presents) graph.output(present, cacheType, ['batch_size', heads, 'length', headSize])
  return graph
}

function isPositive(graph: OnnxGraph, value: string): string {
  return graph.op('Greater', [graph.op('ReduceMean', [value], { keepdims: 0 }), graph.f32([0], [])])
}

/** The projection is linear: its sign for a bright picture is that of the sum of the weights. */
function keysAreBright(graph: OnnxGraph, keys: string, { channels, heads, headSize }: DecoderShape): string {
  const sum = numbers(channels * heads * headSize, 7).reduce((total, value) => total + value, 0)
  return isPositive(graph, graph.op('Mul', [keys, graph.f32([Math.sign(sum)])]))
}

/** `pixel_values` -> vectors of patches that are all the mean brightness: [1, patches, channels]. */
export function tinyPictureEncoder(output: string, patch: number, channels: number): Uint8Array {
  const graph = createGraph('encoder')
  graph.input('pixel_values', 'float32', ['batch_size', 'num_channels', 'height', 'width'])
  const pooled = graph.op('AveragePool', ['pixel_values'], { kernel_shape: [patch, patch], strides: [patch, patch] })
  const weights = graph.f32(Array<number>(channels * 3).fill(1 / 3), [channels, 3, 1, 1])
  const features = graph.op('Conv', [pooled, weights], { kernel_shape: [1, 1] })
  const flat = graph.op('Reshape', [features, graph.i64([0, channels, -1])])
  graph.op('Transpose', [flat], { perm: [0, 2, 1] }, output)
  graph.output(output, 'float32', ['batch_size', 'patches', channels])
  return graph.serialize()
}

/** Florence's embedding of tokens: nothing but zeros, so that the words decide nothing. */
export function tinyEmbedding(vocabularySize: number, channels: number): Uint8Array {
  const graph = createGraph('embed')
  graph.input('input_ids', 'int64', ['batch_size', 'sequence_length'])
  const table = graph.init('float32', [vocabularySize, channels], new Float32Array(vocabularySize * channels))
  graph.op('Gather', [table, 'input_ids'], {}, 'inputs_embeds')
  graph.output('inputs_embeds', 'float32', ['batch_size', 'sequence_length', channels])
  return graph.serialize()
}

/** Florence's encoder: what is masked becomes nothing. */
export function tinyTextEncoder(channels: number): Uint8Array {
  const graph = createGraph('text_encoder')
  graph.input('attention_mask', 'int64', ['batch_size', 'encoder_sequence_length'])
  graph.input('inputs_embeds', 'float32', ['batch_size', 'encoder_sequence_length', channels])
  const mask = graph.op('Cast', [graph.op('Unsqueeze', ['attention_mask', graph.i64([2])])], { to: 1 })
  graph.op('Mul', ['inputs_embeds', mask], {}, 'last_hidden_state')
  graph.output('last_hidden_state', 'float32', ['batch_size', 'encoder_sequence_length', channels])
  return graph.serialize()
}
