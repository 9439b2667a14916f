import type { DenseMatrix } from './dense-matrix.ts'
import { LABEL_SENSES } from './label-senses.ts'
import type { WordNet } from './wordnet.ts'

/** How much each further sense of a label counts beside the first. From .4 to .6 ranks equally well; 0 loses .08. */
const FURTHER_SENSE_WEIGHT = 0.5

export type WeightedMeaning = readonly [synset: number, weight: number]
export type WeightedVector = readonly [vector: Float32Array, weight: number]

/** The weighted sum of meanings as a unit vector. */
export function combineMeanings(vectors: DenseMatrix, meanings: readonly WeightedMeaning[]): Float32Array {
  const { values, width } = vectors
  return combineVectors(
    meanings.map(([synset, weight]) => [values.subarray(synset * width, (synset + 1) * width), weight]),
  )
}

/** The weighted sum of the directions of vectors, as a unit vector. */
export function combineVectors(vectors: readonly WeightedVector[]): Float32Array {
  const sum = new Float32Array(vectors[0]?.[0].length ?? 0)
  for (const [vector, weight] of vectors) {
    const factor = weight / Math.hypot(...vector)
    vector.forEach((value, index) => {
      sum[index] = (sum[index] ?? 0) + factor * value
    })
  }
  const length = Math.hypot(...sum)
  return sum.map((value) => value / length)
}

/** The vector of each object label: what the detector means by it. */
export function combineLabels(wordNet: WordNet, vectors: DenseMatrix): Map<string, Float32Array> {
  const synsetByKey = new Map([...wordNet.sensesByLemma.values()].flat().map(({ key, synset }) => [key, synset]))
  const meaningOf = (key: string, index: number): WeightedMeaning => {
    const synset = synsetByKey.get(key)
    if (synset === undefined) throw new Error(`Expected a WordNet sense but received "${key}"`)
    return [synset, index === 0 ? 1 : FURTHER_SENSE_WEIGHT]
  }
  return new Map(
    Object.entries(LABEL_SENSES).map(([label, keys]) => [label, combineMeanings(vectors, keys.map(meaningOf))]),
  )
}
