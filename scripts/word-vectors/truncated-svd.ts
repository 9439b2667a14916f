import { type DenseMatrix, orthonormalise, symmetricEigen, transposedProduct } from './dense-matrix.ts'
import { multiply, multiplyTransposed, type SparseMatrix } from './sparse-matrix.ts'

/** A round sharpens the leading directions enough for a spectrum that falls off slowly. */
const POWER_ITERATIONS = 1
/** Spare directions that catch what the random start mixes in. */
const OVERSAMPLING = 16
const SEED = 12_345

/**
 * The rows of a matrix as points in `width` dimensions: U x sqrt(S) of its truncated singular value decomposition.
 * The root evens the dimensions out, which suits word similarity better than S itself (Levy, Goldberg, Dagan 2015).
 * Randomised subspace iteration: Halko, Martinsson, Tropp: "Finding Structure with Randomness", 2011.
 * The same input gives the same numbers.
 */
export function truncatedSvd(matrix: SparseMatrix, width: number): DenseMatrix {
  const wide = width + OVERSAMPLING
  const asDense = (values: Float32Array): DenseMatrix => ({ rows: matrix.size, width: wide, values })
  const range = asDense(multiply(matrix, randomValues(matrix.size * wide), wide))
  orthonormalise(range)
  for (let round = 0; round < POWER_ITERATIONS; round++) {
    const corange = asDense(multiplyTransposed(matrix, range.values, wide))
    orthonormalise(corange)
    range.values.set(multiply(matrix, corange.values, wide))
    orthonormalise(range)
  }
  const projected = asDense(multiplyTransposed(matrix, range.values, wide))
  const { values, vectors } = symmetricEigen(transposedProduct(projected), wide)
  return rotate(range, leading(values, width), vectors)
}

interface Direction {
  readonly column: number
  readonly singularValue: number
}

function leading(eigenvalues: Float64Array, count: number): Direction[] {
  return Array.from(eigenvalues, (value, column) => ({ column, singularValue: Math.sqrt(Math.max(0, value)) }))
    .sort((a, b) => b.singularValue - a.singularValue)
    .slice(0, count)
}

function rotate(basis: DenseMatrix, directions: readonly Direction[], vectors: Float64Array): DenseMatrix {
  const width = directions.length
  const rotated = new Float32Array(basis.rows * width)
  for (let row = 0; row < basis.rows; row++) {
    const source = basis.values.subarray(row * basis.width, (row + 1) * basis.width)
    directions.forEach(({ column, singularValue }, index) => {
      let sum = 0
      for (let k = 0; k < basis.width; k++) sum += (source[k] ?? 0) * (vectors[k * basis.width + column] ?? 0)
      rotated[row * width + index] = sum * Math.sqrt(singularValue)
    })
  }
  return { rows: basis.rows, width, values: rotated }
}

/** Roughly normal numbers from a linear congruential generator (the constants of the C standard's example). */
function randomValues(count: number): Float32Array {
  let state = SEED
  const uniform = () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff
    return state / 0x7fffffff
  }
  return Float32Array.from({ length: count }, () => uniform() + uniform() + uniform() - 1.5)
}
