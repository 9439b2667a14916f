import { DATA_TYPES } from '../onnx/writer.ts'
import { inputAt, type OperatorContext, type OperatorTable, scalarAt, unsupported } from './operator.ts'
import type { Value } from './values.ts'

/** ONNX's "to the end" of a slice. */
const END = 2 ** 31 - 1

function plain(context: OperatorContext, name: string): Value {
  return { name, layout: 'plain', type: context.values.typeOf(inputAt(context, 0)) }
}

function reshape(context: OperatorContext): Value {
  const shape = context.graph.i64(context.values.numbers(inputAt(context, 1)))
  return plain(context, context.graph.op('Reshape', [context.values.read(inputAt(context, 0)), shape]))
}

function expandDims(context: OperatorContext): Value {
  const axes = context.graph.i64([scalarAt(context, 1)])
  return plain(context, context.graph.op('Unsqueeze', [context.values.read(inputAt(context, 0)), axes]))
}

function gather(context: OperatorContext): Value {
  const operands = [context.values.read(inputAt(context, 0)), context.values.read(inputAt(context, 1))]
  return plain(context, context.graph.op('Gather', operands, { axis: scalarAt(context, 2) }))
}

/** ONNX gives the places as 64-bit integers, TensorFlow as 32-bit ones, and the graph goes on counting with them. */
function topK(context: OperatorContext): Value[] {
  const { values, graph } = context
  const operands = [values.read(inputAt(context, 0)), graph.i64([scalarAt(context, 1)])]
  const [top = '', places = ''] = graph.ops('TopK', operands, { axis: -1, largest: 1, sorted: 1 }, 2)
  const places32 = graph.op('Cast', [places], { to: DATA_TYPES.int32 })
  return [plain(context, top), { name: places32, layout: 'plain', type: 'int32' }]
}

/** Bit `i` of a mask says that the begin (or end) of axis `i` is open. */
function stridedSlice(context: OperatorContext): Value {
  const { values, graph, attr, node } = context
  const mask = (name: string) => Number(attr[name]?.i ?? 0)
  for (const name of ['ellipsis_mask', 'new_axis_mask', 'shrink_axis_mask']) {
    if (mask(name) !== 0) throw unsupported(node, `with ${name}`)
  }
  const isOpen = (name: string, axis: number) => ((mask(name) >> axis) & 1) === 1
  const begins = values.numbers(inputAt(context, 1)).map((begin, axis) => (isOpen('begin_mask', axis) ? 0 : begin))
  const ends = values.numbers(inputAt(context, 2)).map((end, axis) => (isOpen('end_mask', axis) ? END : end))
  const axes = begins.map((_, axis) => axis)
  const operands = [begins, ends, axes, values.numbers(inputAt(context, 3))].map((numbers) => graph.i64(numbers))
  return plain(context, graph.op('Slice', [values.read(inputAt(context, 0)), ...operands]))
}

/** Operators that move elements about; they count axes as TensorFlow wrote them. */
export const SHAPE_OPERATORS: OperatorTable = {
  Reshape: reshape,
  ExpandDims: expandDims,
  GatherV2: gather,
  TopKV2: topK,
  StridedSlice: stridedSlice,
}
