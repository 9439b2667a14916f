/** Row-major [rows, width], tall and narrow. */
export interface DenseMatrix {
  readonly rows: number
  readonly width: number
  readonly values: Float32Array
}

/** `transpose(matrix) x matrix`, [width, width], in double precision. */
export function transposedProduct({ rows, width, values }: DenseMatrix): Float64Array {
  const product = new Float64Array(width * width)
  for (let row = 0; row < rows; row++) {
    const start = row * width
    for (let a = 0; a < width; a++) {
      const left = values[start + a] ?? 0
      for (let b = a; b < width; b++) {
        product[a * width + b] = (product[a * width + b] ?? 0) + left * (values[start + b] ?? 0)
      }
    }
  }
  for (let a = 0; a < width; a++) {
    for (let b = 0; b < a; b++) product[a * width + b] = product[b * width + a] ?? 0
  }
  return product
}

/** Makes the columns orthonormal in place: Cholesky QR, twice, because once loses half of the digits. */
export function orthonormalise(matrix: DenseMatrix): void {
  for (let pass = 0; pass < 2; pass++) {
    divideByTriangle(matrix, cholesky(transposedProduct(matrix), matrix.width))
  }
}

/** The smallest pivot: keeps a column that depends on the others from becoming infinite. */
const PIVOT_FLOOR = 1e-12

function cholesky(symmetric: Float64Array, width: number): Float64Array {
  const lower = new Float64Array(width * width)
  for (let a = 0; a < width; a++) {
    for (let b = 0; b <= a; b++) {
      let sum = symmetric[a * width + b] ?? 0
      for (let k = 0; k < b; k++) sum -= (lower[a * width + k] ?? 0) * (lower[b * width + k] ?? 0)
      lower[a * width + b] = a === b ? Math.sqrt(Math.max(sum, PIVOT_FLOOR)) : sum / (lower[b * width + b] ?? 1)
    }
  }
  return lower
}

/** Solves `row x transpose(lower) = row` for each row, in place. */
function divideByTriangle({ rows, width, values }: DenseMatrix, lower: Float64Array): void {
  for (let row = 0; row < rows; row++) {
    const start = row * width
    for (let a = 0; a < width; a++) {
      let sum = values[start + a] ?? 0
      for (let k = 0; k < a; k++) sum -= (lower[a * width + k] ?? 0) * (values[start + k] ?? 0)
      values[start + a] = sum / (lower[a * width + a] ?? 1)
    }
  }
}

/** Sweeps that Jacobi needs at this size are about ten. */
const MAX_SWEEPS = 16
const NEGLIGIBLE = 1e-14

/**
 * Eigenvalues and eigenvectors (the columns of `vectors`) of a symmetric matrix, by cyclic Jacobi rotations
 * (Golub, Van Loan: "Matrix Computations", 8.5).
 */
export function symmetricEigen(symmetric: Float64Array, width: number) {
  const matrix = symmetric.slice()
  const vectors = new Float64Array(width * width)
  for (let index = 0; index < width; index++) vectors[index * width + index] = 1
  for (let sweep = 0; sweep < MAX_SWEEPS && isCoupled(matrix, width); sweep++) {
    for (let p = 0; p < width; p++) {
      for (let q = p + 1; q < width; q++) decouple(matrix, vectors, width, p, q)
    }
  }
  return { values: Float64Array.from({ length: width }, (_, index) => matrix[index * width + index] ?? 0), vectors }
}

/** Whether what stands off the diagonal still matters beside what stands on it. */
function isCoupled(matrix: Float64Array, width: number): boolean {
  let onDiagonal = 0
  let offDiagonal = 0
  matrix.forEach((value, index) => {
    if (Math.floor(index / width) === index % width) onDiagonal += value * value
    else offDiagonal += value * value
  })
  return offDiagonal > NEGLIGIBLE * onDiagonal
}

/** Rotates the plane of axes p and q so that entry (p, q) becomes 0. */
function decouple(matrix: Float64Array, vectors: Float64Array, width: number, p: number, q: number): void {
  const coupling = matrix[p * width + q] ?? 0
  if (coupling === 0) return
  const theta = ((matrix[q * width + q] ?? 0) - (matrix[p * width + p] ?? 0)) / (2 * coupling)
  const tangent = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1))
  const cosine = 1 / Math.sqrt(tangent * tangent + 1)
  const sine = tangent * cosine
  const rotate = (values: Float64Array, first: number, second: number) => {
    const a = values[first] ?? 0
    const b = values[second] ?? 0
    values[first] = cosine * a - sine * b
    values[second] = sine * a + cosine * b
  }
  for (let k = 0; k < width; k++) rotate(matrix, k * width + p, k * width + q)
  for (let k = 0; k < width; k++) rotate(matrix, p * width + k, q * width + k)
  for (let k = 0; k < width; k++) rotate(vectors, k * width + p, k * width + q)
}
