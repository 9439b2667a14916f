import { createGraph, DATA_TYPES } from '../../src/models/onnx/writer.ts'

const INT8_MAX = 127

/**
 * The encoder as an ONNX model: looks rows up by `ids` [rows, columns], makes each a unit vector, sums them by `weights`
 * [rows, columns], and gives unit `vectors` [rows, width]. The table is int8, each row scaled by its largest value; the
 * scales need not be kept, since rows become unit vectors anyway.
 */
export function writeWordNetwork(table: readonly Float32Array[]): Uint8Array {
  const width = table[0]?.length ?? 0
  const graph = createGraph('words')
  const ids = graph.input('ids', 'int64', ['rows', 'columns'])
  const weights = graph.input('weights', 'float32', ['rows', 'columns'])
  const rows = graph.op(
    'Cast',
    [graph.op('Gather', [graph.init('int8', [table.length, width], quantise(table)), ids])],
    {
      to: DATA_TYPES.float32,
    },
  )
  const units = graph.op('Div', [rows, graph.op('ReduceL2', [rows], { axes: [2], keepdims: 1 })])
  const middle = graph.i64([1])
  const sums = graph.op('Squeeze', [graph.op('MatMul', [graph.op('Unsqueeze', [weights, middle]), units]), middle])
  const lengths = graph.op('ReduceL2', [sums], { axes: [1], keepdims: 1 })
  graph.op('Div', [sums, graph.op('Max', [lengths, graph.f32([SMALLEST_LENGTH])])], {}, 'vectors')
  graph.output('vectors', 'float32', ['rows', width])
  return graph.serialize()
}

/** Words that cancel each other out give a short vector, never a division by zero. */
const SMALLEST_LENGTH = 1e-6

function quantise(table: readonly Float32Array[]): Int8Array {
  const width = table[0]?.length ?? 0
  const quantised = new Int8Array(table.length * width)
  table.forEach((vector, row) => {
    const largest = vector.reduce((max, value) => Math.max(max, Math.abs(value)), 0)
    quantised.set(
      vector.map((value) => Math.round((value / largest) * INT8_MAX)),
      row * width,
    )
  })
  return quantised
}
