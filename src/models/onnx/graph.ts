import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { basename } from 'node:path'
import { createMessage, type ProtoMessage } from './protobuf.ts'
import { type ProtoField, type ReadBytes, readFields, readMessage, readText } from './protobuf-reader.ts'

/*
 * Field numbers of onnx.proto (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto).
 */
const MODEL = { graph: 7 } as const
const GRAPH = { node: 1, name: 2, constant: 5, input: 11, output: 12 } as const
const NODE = { input: 1, output: 2, name: 3, type: 4, attribute: 5, comment: 6 } as const
const ATTRIBUTE = { name: 1, graph: 6 } as const
const TENSOR = { name: 8, rawData: 9, externalData: 13, dataLocation: 14 } as const
const VALUE_NAME = 1
const EXTERNAL = 1

/** A constant with less than this is kept in the graph; a larger one stays where it is, and the graph says where. */
const INLINE_BYTES = 4096

/** Something with a name, as it is encoded. */
export interface Named {
  readonly name: string
  readonly bytes: Uint8Array
}

export interface GraphNode {
  readonly type: string
  /** An input that is left out has no name. */
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
  /** What else is encoded, but for its own name: the whole fields, one after another. */
  readonly rest: Uint8Array
  /** Attributes that are graphs. They may use every value of the graphs around them. */
  readonly branches: readonly { readonly name: string; readonly rest: Uint8Array; readonly graph: Graph }[]
}

export interface Graph {
  readonly nodes: readonly GraphNode[]
  readonly inputs: readonly Named[]
  readonly outputs: readonly Named[]
  readonly constants: readonly Named[]
}

export interface Model {
  readonly graph: Graph
  /** Versions and operator sets: the whole fields, one after another. */
  readonly rest: Uint8Array
}

/**
 * Reads the graph of an ONNX file without its weights: each of them becomes external data, which lies in this file.
 * Blocks the thread for the few milliseconds that it takes.
 * @throws Error when the file is no ONNX model.
 */
export function readModel(path: string): Model {
  const file = openSync(path, 'r')
  try {
    const read: ReadBytes = (start, end) => {
      const bytes = new Uint8Array(end - start)
      if (readSync(file, bytes, 0, bytes.length, start) < bytes.length) throw new Error('The ONNX file is cut off.')
      return bytes
    }
    const fields = [...readFields(read, 0, fstatSync(file).size)]
    const graph = fields.find(({ number }) => number === MODEL.graph)
    if (graph === undefined) throw new Error('The ONNX file has no graph.')
    const rest = fields.filter((field) => field !== graph).map(({ start, end }) => read(start, end))
    return { graph: readGraph(read, graph.valueStart, graph.end, basename(path)), rest: Buffer.concat(rest) }
  } finally {
    closeSync(file)
  }
}

/** The bytes of a model, ready for `InferenceSession.create`. */
export function encodeModel({ graph, rest }: Model): Uint8Array {
  return createMessage().copy(rest).message(MODEL.graph, graphMessage(graph)).encode()
}

function graphMessage({ nodes, inputs, outputs, constants }: Graph): ProtoMessage {
  const message = createMessage().string(GRAPH.name, 'graph')
  for (const node of nodes) message.message(GRAPH.node, nodeMessage(node))
  for (const { bytes } of constants) message.bytes(GRAPH.constant, bytes)
  for (const { bytes } of inputs) message.bytes(GRAPH.input, bytes)
  for (const { bytes } of outputs) message.bytes(GRAPH.output, bytes)
  return message
}

function nodeMessage({ inputs, outputs, rest, branches }: GraphNode): ProtoMessage {
  const message = createMessage()
  for (const name of inputs) message.string(NODE.input, name)
  for (const name of outputs) message.string(NODE.output, name)
  message.copy(rest)
  for (const branch of branches) {
    message.message(
      NODE.attribute,
      createMessage().copy(branch.rest).message(ATTRIBUTE.graph, graphMessage(branch.graph)),
    )
  }
  return message
}

/** The same constant under another name. */
export function renameConstant({ bytes }: Named, name: string): Named {
  const message = createMessage()
  for (const { number, start, end } of readMessage(bytes)) {
    if (number !== TENSOR.name) message.copy(bytes.subarray(start, end))
  }
  return { name, bytes: message.string(TENSOR.name, name).encode() }
}

/** @param location of the file that is read, for its weights; undefined leaves them in the graph. */
function readGraph(read: ReadBytes, start: number, end: number, location?: string): Graph {
  const graph = { nodes: [] as GraphNode[], inputs: [] as Named[], outputs: [] as Named[], constants: [] as Named[] }
  for (const field of readFields(read, start, end)) {
    const value = () => read(field.valueStart, field.end)
    if (field.number === GRAPH.node) graph.nodes.push(readNode(value()))
    if (field.number === GRAPH.input) graph.inputs.push(readNamed(value(), VALUE_NAME))
    if (field.number === GRAPH.output) graph.outputs.push(readNamed(value(), VALUE_NAME))
    if (field.number !== GRAPH.constant) continue
    const isLarge = location !== undefined && field.end - field.valueStart > INLINE_BYTES
    graph.constants.push(isLarge ? pointTo(read, field, location) : readNamed(value(), TENSOR.name))
  }
  return graph
}

/** A large constant, whose bytes stay in the file. Those that are not raw, or external already, are taken as they are. */
function pointTo(read: ReadBytes, tensor: ProtoField, location: string): Named {
  const fields = [...readFields(read, tensor.valueStart, tensor.end)]
  const raw = fields.find(({ number }) => number === TENSOR.rawData)
  if (raw === undefined) return readNamed(read(tensor.valueStart, tensor.end), TENSOR.name)
  const message = createMessage()
  for (const field of fields) if (field !== raw) message.copy(read(field.start, field.end))
  const place = { location, offset: raw.valueStart, length: raw.end - raw.valueStart }
  for (const [key, value] of Object.entries(place)) {
    message.message(TENSOR.externalData, createMessage().string(1, key).string(2, String(value)))
  }
  return readNamed(message.int(TENSOR.dataLocation, EXTERNAL).encode(), TENSOR.name)
}

function readNode(bytes: Uint8Array): GraphNode {
  const fields = readMessage(bytes)
  const texts = (wanted: number) =>
    fields.filter(({ number }) => number === wanted).map((field) => readText(bytes, field))
  const branches = fields.flatMap((field) => (field.number === NODE.attribute ? readBranch(bytes, field) : []))
  const apart: readonly number[] = [NODE.input, NODE.output, NODE.name, NODE.comment]
  const isRest = ({ number, start }: ProtoField) =>
    !apart.includes(number) && !branches.some((branch) => branch.start === start)
  return {
    type: texts(NODE.type)[0] ?? '',
    inputs: texts(NODE.input),
    outputs: texts(NODE.output),
    rest: Buffer.concat(fields.filter(isRest).map(({ start, end }) => bytes.subarray(start, end))),
    branches: branches.map(({ start: _, ...branch }) => branch),
  }
}

function readBranch(bytes: Uint8Array, attribute: ProtoField) {
  const read: ReadBytes = (start, end) => bytes.subarray(start, end)
  const fields = [...readFields(read, attribute.valueStart, attribute.end)]
  const graph = fields.find(({ number }) => number === ATTRIBUTE.graph)
  const name = fields.find(({ number }) => number === ATTRIBUTE.name)
  if (graph === undefined || name === undefined) return []
  const rest = fields.filter((field) => field !== graph).map(({ start, end }) => bytes.subarray(start, end))
  return [
    {
      start: attribute.start,
      name: readText(bytes, name),
      rest: Buffer.concat(rest),
      graph: readGraph(read, graph.valueStart, graph.end),
    },
  ]
}

function readNamed(bytes: Uint8Array, nameField: number): Named {
  const name = readMessage(bytes).find(({ number }) => number === nameField)
  return { name: name === undefined ? '' : readText(bytes, name), bytes }
}
