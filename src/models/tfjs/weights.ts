import { AppError } from '../../errors.ts'
import { halfToFloat } from '../onnx/half.ts'

/** One entry of a TensorFlow.js weight manifest. Entries follow each other in the weight files without gaps. */
export interface WeightEntry {
  readonly name: string
  readonly shape: readonly number[]
  readonly dtype: string
  readonly quantization?: { readonly dtype: string; readonly scale?: number; readonly min?: number }
}

export interface Weight {
  readonly type: 'float32' | 'int32'
  readonly shape: readonly number[]
  readonly data: Float32Array | Int32Array
}

/**
 * Decodes a group of weights: float32 (stored whole, as half floats, or affinely quantised to 8 or 16 bits) and int32.
 * Format: https://github.com/tensorflow/tfjs/blob/master/tfjs-core/src/io/types.ts (WeightsManifestEntry).
 * @throws AppError MODEL_FAILED for another type, or when the bytes are not exactly those of the entries.
 */
export function decodeWeights(entries: readonly WeightEntry[], bytes: Uint8Array): Map<string, Weight> {
  const weights = new Map<string, Weight>()
  let offset = 0
  for (const entry of entries) {
    const count = countElements(entry.shape)
    const end = offset + count * storedBytes(entry)
    // A copy starts at an aligned offset, which wider typed arrays need. (A Buffer's own `slice` does not copy.)
    const stored = new Uint8Array(bytes.subarray(offset, end))
    if (end > bytes.length) break
    weights.set(entry.name, { type: weightType(entry), shape: entry.shape, data: decode(entry, stored.buffer, count) })
    offset = end
  }
  if (weights.size !== entries.length || offset !== bytes.length) {
    throw new AppError('MODEL_FAILED', {
      detail: `The weight file holds ${bytes.length} bytes, not what its list says.`,
    })
  }
  return weights
}

export function countElements(shape: readonly number[]): number {
  return shape.reduce((product, dimension) => product * dimension, 1)
}

function weightType({ name, dtype }: WeightEntry): Weight['type'] {
  if (dtype === 'float32' || dtype === 'int32') return dtype
  throw new AppError('MODEL_FAILED', { detail: `Expected float32 or int32 for weight ${name} but received ${dtype}.` })
}

function storedBytes({ quantization }: WeightEntry): number {
  if (quantization === undefined) return 4
  return quantization.dtype === 'uint8' ? 1 : 2
}

function decode(entry: WeightEntry, stored: ArrayBufferLike, count: number): Weight['data'] {
  const { dtype, quantization } = entry
  if (quantization === undefined) {
    return dtype === 'int32' ? new Int32Array(stored, 0, count) : new Float32Array(stored, 0, count)
  }
  const { scale = 1, min = 0 } = quantization
  const floats =
    quantization.dtype === 'float16'
      ? halfToFloat(new Uint16Array(stored, 0, count))
      : Float32Array.from(
          quantization.dtype === 'uint8' ? new Uint8Array(stored, 0, count) : new Uint16Array(stored, 0, count),
          (step) => step * scale + min,
        )
  return dtype === 'int32' ? Int32Array.from(floats, Math.round) : floats
}

type FourAxes = readonly [number, number, number, number]

/**
 * Reorders the axes of a dense row-major tensor of four axes: axis `i` of the result is axis `order[i]` of the source.
 * Loops are written out because millions of weights pass through here whenever a worker starts.
 */
export function permuteAxes(weight: Weight, order: FourAxes): Weight {
  const { type, shape, data } = weight
  const strideOf = (axis: number) => countElements(shape.slice(axis + 1))
  const [size0, size1, size2, size3] = pickAxes(order, (axis) => shape[axis] ?? 1)
  const [step0, step1, step2, step3] = pickAxes(order, strideOf)
  const permuted = data.slice()
  let target = 0
  for (let i0 = 0; i0 < size0; i0++) {
    for (let i1 = 0; i1 < size1; i1++) {
      for (let i2 = 0; i2 < size2; i2++) {
        const row = i0 * step0 + i1 * step1 + i2 * step2
        for (let i3 = 0; i3 < size3; i3++) permuted[target++] = data[row + i3 * step3] ?? 0
      }
    }
  }
  return { type, shape: [size0, size1, size2, size3], data: permuted }
}

function pickAxes([first, second, third, fourth]: FourAxes, pick: (axis: number) => number): FourAxes {
  return [pick(first), pick(second), pick(third), pick(fourth)]
}
