import { findWords, normalise } from '../../src/models/text/find-words.ts'
import { type SparseMatrix, type SparseRow, toSparseMatrix } from './sparse-matrix.ts'
import type { Pointer, Sense, Synset, WordNet } from './wordnet.ts'

/**
 * How strongly each relation of wninput(5WN) ties two meanings. What a thing is (`@`, `~`) counts in full, what it is
 * made or part of half; topic and usage labels hardly, since they tie a few hubs to everything.
 */
const RELATION_WEIGHTS: Readonly<Record<string, number>> = {
  '@': 1,
  '~': 1,
  '@i': 0.6,
  '~i': 0.6,
  '#m': 0.5,
  '%m': 0.5,
  '#s': 0.5,
  '%s': 0.5,
  '#p': 0.5,
  '%p': 0.5,
  '&': 1,
  '+': 0.5,
  '^': 0.5,
  '=': 0.6,
  '!': 0.2,
  '\\': 0.8,
  $: 0.8,
  '*': 0.5,
  '>': 0.5,
  '<': 0.5,
  ';c': 0.25,
  '-c': 0.1,
  ';r': 0.05,
  '-r': 0.02,
  ';u': 0.02,
  '-u': 0.01,
}
/** All words of a definition together weigh a little more than the hypernym. */
const DEFINITION_WEIGHT = 1.2
/** A definition of one or two words does not tie more strongly than one of three. */
const MIN_DEFINITION_WORDS = 3
/** Relations to many (`~` of "plant": hundreds) share a weight that grows slowly with their number. */
const MANY = 3
const SHARED_GROWTH = 0.2
/** Meanings that everything leads to are damped by the logarithm of how much does. */
const HUB_DAMPING = 0.25

/** The meanings of WordNet as a graph whose edges are its relations and the words of its definitions; rows sum to 1. */
export function buildWordGraph(wordNet: WordNet): SparseMatrix {
  const usual = usualMeanings(wordNet)
  const rows = wordNet.synsets.map((synset, index) => {
    const edges = new Map<number, number>()
    for (const [target, weight] of [...relationEdges(synset), ...definitionEdges(synset, usual)]) {
      if (target !== index) edges.set(target, (edges.get(target) ?? 0) + weight)
    }
    return edges
  })
  return toSparseMatrix(dampHubs(rows))
}

type Edge = readonly [target: number, weight: number]

function relationEdges({ pointers }: Synset): Edge[] {
  const counts = new Map<string, number>()
  for (const { symbol } of pointers) counts.set(symbol, (counts.get(symbol) ?? 0) + 1)
  return pointers.map(({ symbol, target }: Pointer) => {
    const weight = RELATION_WEIGHTS[symbol]
    if (weight === undefined) throw new Error(`Expected a weight for the relation "${symbol}"`)
    const count = counts.get(symbol) ?? 1
    const isShared = /^[~%#-]/.test(symbol) && count > MANY
    return [target, isShared ? (weight * MANY) / count ** (1 - SHARED_GROWTH) : weight]
  })
}

function definitionEdges({ definition }: Synset, usual: ReadonlyMap<string, number>): Edge[] {
  const words = [...new Set(findWords(definition, (entry) => usual.has(entry)))]
  const weight = DEFINITION_WEIGHT / Math.max(MIN_DEFINITION_WORDS, words.length)
  return words.map((word) => [usual.get(word) ?? 0, weight])
}

/** A verb or an adjective is meant only where the tagged texts clearly prefer it: definitions are full of nouns. */
const PREFERENCE_OVER_NOUN = 3

/** The meaning that each word most probably has in a definition. */
function usualMeanings({ sensesByLemma, synsets }: WordNet): Map<string, number> {
  const usual = new Map<string, number>()
  for (const [lemma, senses] of sensesByLemma) {
    const byUse = senses.toSorted((a, b) => b.tagCount - a.tagCount || a.rank - b.rank)
    const nouns = senses.filter(({ synset }) => synsets[synset]?.partOfSpeech === 'n').sort((a, b) => a.rank - b.rank)
    const chosen = preferNoun(byUse[0], nouns[0])
    const entry = normalise(lemma)
    // Two lemmas can be written alike once hyphens are spaces; the first stays.
    if (chosen !== undefined && entry !== '' && !usual.has(entry)) usual.set(entry, chosen.synset)
  }
  return usual
}

function preferNoun(mostUsed: Sense | undefined, noun: Sense | undefined): Sense | undefined {
  if (mostUsed === undefined || noun === undefined) return mostUsed
  return mostUsed.tagCount > PREFERENCE_OVER_NOUN * noun.tagCount ? mostUsed : noun
}

function dampHubs(rows: readonly ReadonlyMap<number, number>[]): SparseRow[] {
  const incoming = new Float64Array(rows.length)
  for (const edges of rows) for (const target of edges.keys()) incoming[target] = (incoming[target] ?? 0) + 1
  return rows.map((edges) => {
    const columns = Int32Array.from(edges.keys())
    const damped = Array.from(edges, ([target, weight]) => {
      return weight / (1 + HUB_DAMPING * Math.log1p(incoming[target] ?? 0))
    })
    const total = damped.reduce((sum, weight) => sum + weight, 0)
    return { columns, values: Float32Array.from(damped, (weight) => weight / total) }
  })
}
