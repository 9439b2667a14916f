import { AppError } from '../../errors.ts'
import type { OnnxGraph } from '../onnx/writer.ts'
import { type GraphModel, parseRef } from './graph-model.ts'
import { permuteAxes, type Weight } from './weights.ts'

/**
 * How a value lies in memory. TensorFlow's pictures are NHWC, ONNX convolutions want NCHW: an `nchw` value is NHWC to
 * the TensorFlow graph but stored NCHW, so transposes are written only where somebody needs the other layout.
 */
export type Layout = 'plain' | 'nchw'
export type ValueType = 'float32' | 'int32' | 'bool'

export interface Value {
  /** Name in the ONNX graph. */
  readonly name: string
  readonly layout: Layout
  readonly type: ValueType
}

/** ONNX axis of each NHWC axis when the value is stored NCHW. */
export const NCHW_AXIS = [0, 2, 3, 1] as const
const TO_NCHW = [0, 3, 1, 2] as const

/** Everything converted so far, found by the names that TensorFlow gave. */
export interface Values {
  set(node: string, outputs: readonly Value[]): void
  /** Layout of a computed value; a constant has none, it fits itself to what it meets. */
  layoutOf(ref: string): Layout | undefined
  typeOf(ref: string): ValueType
  /** Name of the value in the wanted layout; writes a transpose if it lies otherwise. */
  read(ref: string, layout?: Layout): string
  /** Numbers of a constant, for what ONNX wants as an attribute or in another form. */
  numbers(ref: string): number[]
  weight(ref: string): Weight
}

/** Keeps track of values while a graph is converted. Constants are written when they are first read. */
export function createValues(model: GraphModel, graph: OnnxGraph): Values {
  const computed = new Map<string, readonly Value[]>()
  const written = new Map<string, string>()

  const findWeight = (ref: string) => model.weights.get(parseRef(ref).node)
  const writeOnce = (key: string, write: () => string) => {
    const name = written.get(key) ?? write()
    written.set(key, name)
    return name
  }
  const getComputed = (ref: string): Value => {
    const { node, output } = parseRef(ref)
    const value = computed.get(node)?.[output]
    if (value === undefined) throw new AppError('MODEL_FAILED', { detail: `The model has no value ${ref}.` })
    return value
  }
  const getWeight = (ref: string): Weight => {
    const weight = findWeight(ref)
    if (weight === undefined) throw new AppError('MODEL_FAILED', { detail: `The model has no constant ${ref}.` })
    return weight
  }

  return {
    set: (node, outputs) => computed.set(node, outputs),
    layoutOf: (ref) => (findWeight(ref) === undefined ? getComputed(ref).layout : undefined),
    typeOf: (ref) => findWeight(ref)?.type ?? getComputed(ref).type,
    read(ref, layout = 'plain') {
      const weight = findWeight(ref)
      if (weight !== undefined) return writeOnce(`${ref} ${layout}`, () => writeConstant(graph, weight, layout))
      const value = getComputed(ref)
      if (value.layout === layout) return value.name
      const perm = layout === 'nchw' ? TO_NCHW : NCHW_AXIS
      return writeOnce(`${value.name} ${layout}`, () => graph.op('Transpose', [value.name], { perm }))
    },
    numbers: (ref) => Array.from(getWeight(ref).data),
    weight: getWeight,
  }
}

/** A constant that meets an NCHW value keeps its channels on the right axis: [C] becomes [C,1,1]. */
function writeConstant(graph: OnnxGraph, weight: Weight, layout: Layout): string {
  const { type, shape, data } = layout === 'nchw' && weight.shape.length > 0 ? broadcastToNchw(weight) : weight
  return graph.init(type, shape, data)
}

function broadcastToNchw(weight: Weight): Weight {
  const padded = [...Array<number>(Math.max(0, 4 - weight.shape.length)).fill(1), ...weight.shape]
  return permuteAxes({ ...weight, shape: padded }, TO_NCHW)
}
