import { AppError } from '../../errors.ts'
import { createGraph, DATA_TYPES, type Dimension, type OnnxGraph } from '../onnx/writer.ts'
import { type GraphModel, type GraphNode, parseRef } from './graph-model.ts'
import { OPERATORS } from './operators.ts'
import { createValues, type Values } from './values.ts'

export interface ConvertedOutput {
  /** Any node of the graph: what only later nodes need is left out. */
  readonly node: string
  /** Name of the output in the ONNX graph. */
  readonly as: string
  /** Averages a picture-shaped value over its height and width: [1, channels]. */
  readonly pool?: 'average'
}

export interface ConvertOptions {
  readonly outputs: readonly ConvertedOutput[]
  /** Height and width of the picture that goes in. */
  readonly inputSize: readonly [height: number, width: number]
}

/** The one input of every converted graph: uint8 RGB pixels, [1, height, width, 3]. */
export const IMAGE_INPUT = 'image'

/**
 * Converts a TensorFlow.js graph model that takes one RGB picture (0..255) into an ONNX model, in memory.
 * Pixels go in as bytes and are made floats inside the graph: a quarter of the memory on the way to a worker.
 * @returns the bytes of the ONNX model.
 * @throws AppError MODEL_FAILED naming the operator, if the graph has one that is not known.
 */
export function convertGraphModel(model: GraphModel, { outputs, inputSize }: ConvertOptions): Uint8Array {
  const graph = createGraph('converted')
  const values = createValues(model, graph)
  for (const node of sortNodes(model, outputs)) {
    if (model.weights.has(node.name)) continue
    if (node.op === 'Placeholder') values.set(node.name, [writePixelInput(graph, inputSize)])
    else convertNode(node, values, graph)
  }
  for (const output of outputs) writeOutput(output, model, values, graph)
  return graph.serialize()
}

function convertNode(node: GraphNode, values: Values, graph: OnnxGraph): void {
  const convert = OPERATORS[node.op]
  if (convert === undefined) {
    throw new AppError('MODEL_FAILED', { detail: `The operator ${node.op} (node ${node.name}) cannot be converted.` })
  }
  // An input that begins with ^ only orders execution; the graph has no side effects to order.
  const inputs = (node.input ?? []).filter((ref) => !ref.startsWith('^'))
  const converted = convert({ node, inputs, attr: node.attr ?? {}, values, graph })
  values.set(node.name, Array.isArray(converted) ? converted : [converted])
}

/** Nodes that the outputs need, each after what it reads. */
function sortNodes(model: GraphModel, outputs: readonly ConvertedOutput[]): GraphNode[] {
  const sorted: GraphNode[] = []
  const seen = new Set<string>()
  const visit = (name: string) => {
    if (seen.has(name)) return
    seen.add(name)
    const node = model.nodes.get(name)
    if (node === undefined) throw new AppError('MODEL_FAILED', { detail: `The model has no node ${name}.` })
    for (const ref of node.input ?? []) if (!ref.startsWith('^')) visit(parseRef(ref).node)
    sorted.push(node)
  }
  for (const { node } of outputs) visit(parseRef(node).node)
  return sorted
}

function writePixelInput(graph: OnnxGraph, [height, width]: readonly [number, number]) {
  const pixels = graph.input(IMAGE_INPUT, 'uint8', [1, height, width, 3])
  const floats = graph.op('Cast', [pixels], { to: DATA_TYPES.float32 })
  return { name: graph.op('Transpose', [floats], { perm: [0, 3, 1, 2] }), layout: 'nchw', type: 'float32' } as const
}

function writeOutput({ node, as, pool }: ConvertedOutput, model: GraphModel, values: Values, graph: OnnxGraph): void {
  if (pool === 'average') {
    graph.op('ReduceMean', [values.read(node, 'nchw')], { axes: [2, 3], keepdims: 0 }, as)
    graph.output(as, 'float32', [1, 'channels'])
    return
  }
  const shape = model.outputShapes.get(parseRef(node).node)
  if (shape === undefined) throw new AppError('MODEL_FAILED', { detail: `The model declares no output ${node}.` })
  graph.op('Identity', [values.read(node)], {}, as)
  const dims = shape.map((size, axis): Dimension => (size < 0 ? `${as}_${axis}` : size))
  graph.output(as, values.typeOf(node), dims)
}
