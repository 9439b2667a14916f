import { AppError } from '../../errors.ts'
import type { OnnxGraph } from '../onnx/writer.ts'
import type { GraphNode, NodeAttribute } from './graph-model.ts'
import type { Value, Values } from './values.ts'

/** What the converter of one operator sees of the graph. */
export interface OperatorContext {
  readonly node: GraphNode
  /** References of the node's inputs, without control inputs. */
  readonly inputs: readonly string[]
  readonly attr: Readonly<Record<string, NodeAttribute>>
  readonly values: Values
  readonly graph: OnnxGraph
}

/** Writes the ONNX nodes of one TensorFlow node and gives its outputs. */
export type OperatorConverter = (context: OperatorContext) => Value | Value[]
export type OperatorTable = Readonly<Record<string, OperatorConverter | undefined>>

/** Reference of a required input. */
export function inputAt({ inputs, node }: OperatorContext, index: number): string {
  const ref = inputs.at(index)
  if (ref === undefined) throw unsupported(node, `without input ${index}`)
  return ref
}

/** The number of a constant scalar, or the first of a constant vector. */
export function scalarAt(context: OperatorContext, index: number): number {
  const [number] = context.values.numbers(inputAt(context, index))
  if (number === undefined) throw unsupported(context.node, `with an empty input ${index}`)
  return number
}

/** Text attributes are base64 in the JSON. */
export function textOf(attribute: NodeAttribute | undefined): string {
  return decodeBase64(attribute?.s ?? '')
}

export function textsOf(attribute: NodeAttribute | undefined): string[] {
  return (attribute?.list?.s ?? []).map(decodeBase64)
}

export function integersOf(attribute: NodeAttribute | undefined): number[] {
  return (attribute?.list?.i ?? []).map(Number)
}

/** The error of an operator that is known, but not in this form. */
export function unsupported({ op, name }: GraphNode, form: string): AppError {
  return new AppError('MODEL_FAILED', { detail: `The operator ${op} ${form} (node ${name}) cannot be converted.` })
}

function decodeBase64(text: string): string {
  return Buffer.from(text, 'base64').toString()
}
