import { type SparseMatrix, type SparseRow, toSparseMatrix } from './sparse-matrix.ts'

/** Smooths the column totals, so that rare contexts do not win by rarity alone (Levy, Goldberg, Dagan 2015). */
const CONTEXT_SMOOTHING = 0.75

/**
 * Positive pointwise mutual information: how much more often a row meets a column than chance would have it.
 * Turns visiting times, which hubs dominate, into what is characteristic of each row. Entries of 0 are left out.
 */
export function positiveMutualInformation(rows: readonly SparseRow[]): SparseMatrix {
  const shares = rows.map(toShares)
  const columnTotals = new Float64Array(rows.length)
  for (const { columns, values } of shares) {
    columns.forEach((column, entry) => {
      columnTotals[column] = (columnTotals[column] ?? 0) + (values[entry] ?? 0)
    })
  }
  const smoothed = columnTotals.map((total) => total ** CONTEXT_SMOOTHING)
  const total = smoothed.reduce((sum, value) => sum + value, 0)
  return toSparseMatrix(
    shares.map(({ columns, values }) => {
      const information = columns.reduce<[number, number][]>((kept, column, entry) => {
        const value = Math.log(((values[entry] ?? 0) * total) / (smoothed[column] ?? 1))
        if (value > 0) kept.push([column, value])
        return kept
      }, [])
      return {
        columns: Int32Array.from(information, ([column]) => column),
        values: Float32Array.from(information, ([, value]) => value),
      }
    }),
  )
}

function toShares({ columns, values }: SparseRow): SparseRow {
  const total = values.reduce((sum, value) => sum + value, 0)
  return { columns, values: values.map((value) => value / total) }
}
