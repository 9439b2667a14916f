import { DATA_TYPES, type OnnxGraph } from '../onnx/writer.ts'
import { inputAt, type OperatorContext, type OperatorConverter, type OperatorTable, unsupported } from './operator.ts'
import type { Layout, Value, ValueType } from './values.ts'

/** Works on each element alone, so in whatever layout its input has. */
function unary(write: (graph: OnnxGraph, input: string) => string): OperatorConverter {
  return (context) => {
    const ref = inputAt(context, 0)
    const layout = context.values.layoutOf(ref) ?? 'plain'
    return { name: write(context.graph, context.values.read(ref, layout)), layout, type: context.values.typeOf(ref) }
  }
}

function named(onnxOp: string): OperatorConverter {
  return unary((graph, input) => graph.op(onnxOp, [input]))
}

/** Broadcasts like numpy in both worlds; NCHW as soon as one side is. */
function binary(onnxOp: string, resultType?: ValueType): OperatorConverter {
  return (context) => {
    const { inputs, values, graph } = context
    const layout: Layout = inputs.some((ref) => values.layoutOf(ref) === 'nchw') ? 'nchw' : 'plain'
    const name = graph.op(
      onnxOp,
      inputs.map((ref) => values.read(ref, layout)),
    )
    return { name, layout, type: resultType ?? values.typeOf(inputAt(context, 0)) }
  }
}

/** relu6(x) = min(max(x, 0), 6) */
export function writeRelu6(graph: OnnxGraph, input: string): string {
  return graph.op('Clip', [input, graph.f32([0], []), graph.f32([6], [])])
}

/** ONNX has no floored division: a - mod(a, b) is divisible, and Mod takes the sign of b, as FloorMod does. */
function floorDivide(context: OperatorContext): Value {
  const { values, graph } = context
  const [dividend, divisor] = readIntegers(context)
  const rest = graph.op('Mod', [dividend, divisor])
  const name = graph.op('Div', [graph.op('Sub', [dividend, rest]), divisor])
  return { name, layout: 'plain', type: values.typeOf(inputAt(context, 0)) }
}

function floorModulo(context: OperatorContext): Value {
  const name = context.graph.op('Mod', readIntegers(context))
  return { name, layout: 'plain', type: context.values.typeOf(inputAt(context, 0)) }
}

function readIntegers(context: OperatorContext): [string, string] {
  const refs = [inputAt(context, 0), inputAt(context, 1)] as const
  if (refs.some((ref) => context.values.typeOf(ref) !== 'int32')) throw unsupported(context.node, 'on floats')
  return [context.values.read(refs[0]), context.values.read(refs[1])]
}

const CAST_TYPES: Readonly<Record<string, ValueType | undefined>> = {
  DT_FLOAT: 'float32',
  DT_INT32: 'int32',
  DT_BOOL: 'bool',
}

function cast(context: OperatorContext): Value {
  const tensorflowType = context.attr.DstT?.type ?? 'nothing'
  const type = CAST_TYPES[tensorflowType]
  if (type === undefined) throw unsupported(context.node, `to ${tensorflowType}`)
  const ref = inputAt(context, 0)
  const layout = context.values.layoutOf(ref) ?? 'plain'
  const name = context.graph.op('Cast', [context.values.read(ref, layout)], { to: DATA_TYPES[type] })
  return { name, layout, type }
}

/** Operators that treat every element alike. */
export const ELEMENTWISE_OPERATORS: OperatorTable = {
  Identity: named('Identity'),
  Relu: named('Relu'),
  Relu6: unary(writeRelu6),
  Sigmoid: named('Sigmoid'),
  Tanh: named('Tanh'),
  Abs: named('Abs'),
  Neg: named('Neg'),
  Exp: named('Exp'),
  Sqrt: named('Sqrt'),
  Add: binary('Add'),
  AddV2: binary('Add'),
  BiasAdd: binary('Add'),
  Sub: binary('Sub'),
  Mul: binary('Mul'),
  RealDiv: binary('Div'),
  Minimum: binary('Min'),
  Maximum: binary('Max'),
  Equal: binary('Equal', 'bool'),
  Greater: binary('Greater', 'bool'),
  Less: binary('Less', 'bool'),
  FloorDiv: floorDivide,
  FloorMod: floorModulo,
  Cast: cast,
}
