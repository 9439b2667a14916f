/** For each vector the others, nearest first, by their index. */
export type Neighbours = readonly (readonly number[])[]

/** Ranks L2-normalised vectors of one space by cosine. */
export function nearest(vectors: readonly Float32Array[]): Neighbours {
  return vectors.map((vector, own) =>
    vectors
      .map((other, index) => ({ index, cosine: dot(vector, other) }))
      .filter(({ index }) => index !== own)
      .sort((a, b) => b.cosine - a.cosine)
      .map(({ index }) => index),
  )
}

/** The mean share of the first `k` neighbours that two rankings have in common, 0..1. */
export function agreementAt(k: number, one: Neighbours, other: Neighbours): number {
  const shares = one.map((ranked, index) => {
    const first = ranked.slice(0, k)
    const second = new Set(other[index]?.slice(0, k))
    return first.length === 0 ? 1 : first.filter((neighbour) => second.has(neighbour)).length / first.length
  })
  return shares.reduce((sum, share) => sum + share, 0) / Math.max(1, shares.length)
}

function dot(one: Float32Array, other: Float32Array): number {
  return one.reduce((sum, value, index) => sum + value * (other[index] ?? 0), 0)
}
