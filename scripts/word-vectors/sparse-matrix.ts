/** Compressed sparse rows: row r holds entries `starts[r] .. starts[r + 1]` of `columns` and `values`. Square. */
export interface SparseMatrix {
  readonly size: number
  readonly starts: Int32Array
  readonly columns: Int32Array
  readonly values: Float32Array
}

export interface SparseRow {
  readonly columns: Int32Array
  readonly values: Float32Array
}

export function toSparseMatrix(rows: readonly SparseRow[]): SparseMatrix {
  const starts = new Int32Array(rows.length + 1)
  rows.forEach((row, index) => {
    starts[index + 1] = (starts[index] ?? 0) + row.columns.length
  })
  const columns = new Int32Array(starts.at(-1) ?? 0)
  const values = new Float32Array(columns.length)
  rows.forEach((row, index) => {
    columns.set(row.columns, starts[index])
    values.set(row.values, starts[index])
  })
  return { size: rows.length, starts, columns, values }
}

/** `matrix x dense`, both dense operands row-major of [size, width]. */
export function multiply(matrix: SparseMatrix, dense: Float32Array, width: number): Float32Array {
  const product = new Float32Array(matrix.size * width)
  forEachEntry(matrix, (row, column, value) => addScaled(product, row * width, dense, column * width, value, width))
  return product
}

/** `transpose(matrix) x dense`. */
export function multiplyTransposed(matrix: SparseMatrix, dense: Float32Array, width: number): Float32Array {
  const product = new Float32Array(matrix.size * width)
  forEachEntry(matrix, (row, column, value) => addScaled(product, column * width, dense, row * width, value, width))
  return product
}

type Visit = (row: number, column: number, value: number) => void

function forEachEntry({ size, starts, columns, values }: SparseMatrix, visit: Visit): void {
  for (let row = 0; row < size; row++) {
    const end = starts[row + 1] ?? 0
    for (let entry = starts[row] ?? 0; entry < end; entry++) visit(row, columns[entry] ?? 0, values[entry] ?? 0)
  }
}

function addScaled(
  into: Float32Array,
  intoStart: number,
  from: Float32Array,
  fromStart: number,
  factor: number,
  length: number,
): void {
  for (let index = 0; index < length; index++) {
    into[intoStart + index] = (into[intoStart + index] ?? 0) + factor * (from[fromStart + index] ?? 0)
  }
}
