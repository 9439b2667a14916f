import { Tensor } from 'onnxruntime-node'
import { halfToFloat } from './onnx/half.ts'

/** The two precisions that caches and results come in. */
export type FloatType = 'float32' | 'float16'

export function int64Tensor(rows: readonly (readonly number[])[]): Tensor {
  const columns = rows[0]?.length ?? 0
  return new Tensor('int64', BigInt64Array.from(rows.flat(), BigInt), [rows.length, columns])
}

/** All ones: nothing is padding. */
export function fullMask(rows: number, columns: number): Tensor {
  return new Tensor('int64', new BigInt64Array(rows * columns).fill(1n), [rows, columns])
}

export function booleanTensor(value: boolean): Tensor {
  return new Tensor('bool', Uint8Array.of(value ? 1 : 0), [1])
}

/** A tensor with no elements: one of its dimensions is 0. */
export function emptyTensor(type: FloatType, dims: readonly number[]): Tensor {
  return fromBytes(type, new ArrayBuffer(0), dims)
}

/** The numbers of a float tensor; half floats are widened. */
export function floatsOf(tensor: Tensor | undefined): Float32Array {
  const data = tensor?.data
  if (data instanceof Float32Array) return data
  // The bits of half floats come as Uint16Array, or as Float16Array where the platform has it.
  if (tensor?.type === 'float16') return halfToFloat(new Uint16Array(...viewOf(tensor), tensor.size))
  throw new Error(`The model gave ${tensor?.type ?? 'nothing'} where floats were expected.`)
}

/** The rows (index along the first dimension) of a float tensor in another order, with repeats or fewer. */
export function pickRows(tensor: Tensor, rows: readonly number[]): Tensor {
  const [rowCount = 0, ...rest] = tensor.dims
  const [buffer, offset] = viewOf(tensor)
  const bytes = new Uint8Array(buffer, offset, tensor.size * (tensor.type === 'float16' ? 2 : 4))
  const rowBytes = rowCount === 0 ? 0 : bytes.length / rowCount
  const picked = new Uint8Array(rows.length * rowBytes)
  rows.forEach((row, index) => {
    picked.set(bytes.subarray(row * rowBytes, (row + 1) * rowBytes), index * rowBytes)
  })
  return fromBytes(tensor.type === 'float16' ? 'float16' : 'float32', picked.buffer, [rows.length, ...rest])
}

/** Two tensors of one row each, one after the other along the second dimension. */
export function joinColumns(first: Tensor, second: Tensor): Tensor {
  const [one, other] = [floatsOf(first), floatsOf(second)]
  const joined = new Float32Array(one.length + other.length)
  joined.set(one)
  joined.set(other, one.length)
  const [, columns = 0, ...rest] = first.dims
  return new Tensor('float32', joined, [1, columns + (second.dims[1] ?? 0), ...rest])
}

function fromBytes(type: FloatType, bytes: ArrayBuffer, dims: readonly number[]): Tensor {
  return type === 'float16'
    ? new Tensor('float16', new Uint16Array(bytes), dims)
    : new Tensor('float32', new Float32Array(bytes), dims)
}

function viewOf({ data }: Tensor): [ArrayBuffer, number] {
  if (!ArrayBuffer.isView(data) || !(data.buffer instanceof ArrayBuffer)) {
    throw new Error('The model gave a tensor that is not made of numbers.')
  }
  return [data.buffer, data.byteOffset]
}
