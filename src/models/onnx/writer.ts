import { createMessage, type ProtoMessage } from './protobuf.ts'

/** TensorProto.DataType of onnx.proto. */
export const DATA_TYPES = { float32: 1, uint8: 2, int8: 3, int32: 6, int64: 7, bool: 9, float16: 10 } as const

export type DataType = keyof typeof DATA_TYPES
export type TensorData =
  | Float32Array
  | Uint8Array
  | Int8Array
  | Int32Array
  | BigInt64Array
  /** The bits of half floats. */
  | Uint16Array

/** A whole number and a list of them are ints, as ONNX has it; a float says so. */
export type Attribute =
  | number
  | string
  | readonly number[]
  | { readonly float: number }
  /** A branch; it may use every value of the graph around it. */
  | { readonly graph: OnnxGraph }
/** A named dimension is free. */
export type Dimension = number | string

/** AttributeProto.AttributeType of onnx.proto. */
const ATTRIBUTE_TYPES = { float: 1, int: 2, string: 3, graph: 5, ints: 7 } as const

// The newest pair that every operator written here was checked against; onnxruntime runs all newer ones too.
const OPSET = 17
const IR_VERSION = 8

/** An ONNX graph under construction. Values are known by name; every method that makes one returns its name. */
export interface OnnxGraph {
  readonly nodeCount: number
  /** Adds a constant. `data` is not copied until `serialize`. */
  init(type: DataType, dims: readonly number[], data: TensorData, name?: string): string
  /** A constant of 64-bit integers, a vector unless `dims` says otherwise. */
  i64(values: readonly number[], dims?: readonly number[]): string
  /** A constant of floats, a vector unless `dims` says otherwise (`[]` is a scalar). */
  f32(values: readonly number[], dims?: readonly number[]): string
  input(name: string, type: DataType, dims: readonly Dimension[]): string
  /** Declares a value (named by `as` in `op`, or copied under this name) as an output. */
  output(name: string, type: DataType, dims: readonly Dimension[]): void
  /** Adds an operator with one output. An empty input name leaves an optional input out. */
  op(type: string, inputs: readonly string[], attributes?: Readonly<Record<string, Attribute>>, as?: string): string
  /** Adds an operator with several outputs. */
  ops(
    type: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, Attribute>>,
    outputCount: number,
  ): string[]
  /** As a GraphProto: a branch of another graph. */
  toMessage(): ProtoMessage
  /** The bytes of a ModelProto, ready for `InferenceSession.create`. */
  serialize(): Uint8Array
}

/**
 * A small writer of ONNX models: enough of onnx.proto (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto) for
 * graphs and their branches. Opset 17, IR version 8.
 * @param scope begins the names that are made up here: a branch must not use those of the graph around it.
 */
export function createGraph(name: string, scope = ''): OnnxGraph {
  const nodes: ProtoMessage[] = []
  const constants: ProtoMessage[] = []
  const inputs: ProtoMessage[] = []
  const outputs: ProtoMessage[] = []
  let named = 0
  const freshName = (prefix: string) => `${scope}${prefix}_${named++}`

  const graph: OnnxGraph = {
    get nodeCount() {
      return nodes.length
    },
    init(type, dims, data, constantName = freshName('constant')) {
      constants.push(tensorMessage(constantName, type, dims, data))
      return constantName
    },
    i64: (values, dims = [values.length]) => graph.init('int64', dims, BigInt64Array.from(values, BigInt)),
    f32: (values, dims = [values.length]) => graph.init('float32', dims, Float32Array.from(values)),
    input(inputName, type, dims) {
      inputs.push(valueMessage(inputName, type, dims))
      return inputName
    },
    output(outputName, type, dims) {
      outputs.push(valueMessage(outputName, type, dims))
    },
    op(type, from, attributes = {}, as = freshName(type)) {
      nodes.push(nodeMessage(type, from, [as], attributes))
      return as
    },
    ops(type, from, attributes, outputCount) {
      const names = Array.from({ length: outputCount }, () => freshName(type))
      nodes.push(nodeMessage(type, from, names, attributes))
      return names
    },
    toMessage() {
      const message = createMessage()
      for (const node of nodes) message.message(1, node)
      message.string(2, name)
      for (const constant of constants) message.message(5, constant)
      for (const input of inputs) message.message(11, input)
      for (const output of outputs) message.message(12, output)
      return message
    },
    serialize: () => modelMessage(graph.toMessage()).encode(),
  }
  return graph
}

function modelMessage(graph: ProtoMessage): ProtoMessage {
  const defaultDomain = createMessage().string(1, '').int(2, OPSET)
  return createMessage().int(1, IR_VERSION).string(2, 'darkroom').message(7, graph).message(8, defaultDomain)
}

function nodeMessage(
  type: string,
  inputs: readonly string[],
  outputs: readonly string[],
  attributes: Readonly<Record<string, Attribute>>,
): ProtoMessage {
  const message = createMessage()
  for (const input of inputs) message.string(1, input)
  for (const output of outputs) message.string(2, output)
  for (const output of outputs.slice(0, 1)) message.string(3, output)
  message.string(4, type)
  for (const [name, value] of Object.entries(attributes)) message.message(5, attributeMessage(name, value))
  return message
}

function attributeMessage(name: string, value: Attribute): ProtoMessage {
  const message = createMessage().string(1, name)
  if (typeof value === 'number') return message.int(3, value).int(20, ATTRIBUTE_TYPES.int)
  if (typeof value === 'string') return message.string(4, value).int(20, ATTRIBUTE_TYPES.string)
  if ('float' in value) return message.float(2, value.float).int(20, ATTRIBUTE_TYPES.float)
  if ('graph' in value) return message.message(6, value.graph.toMessage()).int(20, ATTRIBUTE_TYPES.graph)
  for (const item of value) message.int(8, item)
  return message.int(20, ATTRIBUTE_TYPES.ints)
}

function tensorMessage(name: string, type: DataType, dims: readonly number[], data: TensorData): ProtoMessage {
  const message = createMessage()
  for (const dim of dims) message.int(1, dim)
  message.int(2, DATA_TYPES[type]).string(8, name)
  return message.bytes(9, new Uint8Array(data.buffer, data.byteOffset, data.byteLength))
}

/** A ValueInfoProto: what goes into a graph or comes out. */
export function valueMessage(name: string, type: DataType, dims: readonly Dimension[]): ProtoMessage {
  const shape = createMessage()
  for (const dim of dims) {
    shape.message(1, typeof dim === 'string' ? createMessage().string(2, dim) : createMessage().int(1, dim))
  }
  const tensorType = createMessage().int(1, DATA_TYPES[type]).message(2, shape)
  return createMessage().string(1, name).message(2, createMessage().message(1, tensorType))
}
