import { findWords, normalise } from '../../src/models/text/find-words.ts'
import type { DenseMatrix } from './dense-matrix.ts'
import { combineLabels, combineMeanings, combineVectors, type WeightedMeaning } from './meaning-vectors.ts'
import type { Sense, Synset, WordNet } from './wordnet.ts'

/** One row of the table: entries that mean the same share it. */
export interface VocabularyRow {
  /** Normalised entries, or one `label:...`. */
  readonly words: readonly string[]
  /** How much the words say about a text, 0..1. */
  readonly weight: number
  readonly vector: Float32Array
}

/** Names that WordNet 3.1 (2011) does not have yet, or not as people write them. */
const ALIASES: Readonly<Record<string, string>> = {
  smartphone: 'cellular telephone',
  iphone: 'cellular telephone',
  tshirt: 't shirt',
  ebook: 'book',
  ebike: 'bicycle',
}

/** Fields of things that can be photographed (lexnames(5WN)): animals, artefacts, bodies, food, objects, persons, plants. */
const VISIBLE_FIELDS: ReadonlySet<number> = new Set([5, 6, 8, 13, 17, 18, 20])
/** A meaning that can be photographed counts this much more than another noun, and a verb or adjective this much less. */
const VISIBLE_FACTOR = 4
const NOT_A_NOUN_FACTOR = 0.3
/** What a word says beside a noun: a picture shows things; what they do and are like is mostly not recognised. */
const NOT_A_NOUN_SAYS = 0.5
/** Words met less often than this are all equally rare. */
const RARE = 5

/** The rows of the table: the labels first, then all words that are worth their 128 bytes, in alphabetical order. */
export function buildVocabulary(wordNet: WordNet, vectors: DenseMatrix): VocabularyRow[] {
  const labels = combineLabels(wordNet, vectors)
  const entries = collectEntries(wordNet, [...labels.keys()])
  const frequencies = countInDefinitions(wordNet.synsets, entries)
  const isWorthIt = createSelection(wordNet.synsets, frequencies)
  const grouped = new Map<string, { words: string[]; meanings: WeightedMeaning[] }>()
  for (const [word, senses] of entries) {
    const label = labels.has(word) ? word : undefined
    if (label === undefined && !isWorthIt(word, senses)) continue
    const meanings = weighMeanings(wordNet.synsets, senses)
    const key = label ?? JSON.stringify(meanings)
    const group = grouped.get(key) ?? { words: [], meanings }
    group.words.push(word)
    grouped.set(key, group)
  }
  const rows = [...grouped.values()].map(({ words, meanings }): VocabularyRow => {
    const frequency = Math.max(...words.map((word) => frequencies.get(word) ?? 0))
    return {
      words: words.sort(),
      weight:
        informativeness(frequency, wordNet.synsets.length) *
        (1 - NOT_A_NOUN_SAYS * shareOfOthers(wordNet.synsets, meanings)),
      vector: wordVector(vectors, meanings, labels.get(words[0] ?? '')),
    }
  })
  const labelRows = [...labels].map(([label, vector]) => ({ words: [`label:${label}`], weight: 1, vector }))
  return [...labelRows, ...rows.sort((a, b) => ((a.words[0] ?? '') < (b.words[0] ?? '') ? -1 : 1))]
}

type Entries = Map<string, Sense[]>

function collectEntries({ sensesByLemma }: WordNet, labels: readonly string[]): Entries {
  const entries: Entries = new Map()
  for (const [lemma, senses] of sensesByLemma) {
    const word = normalise(lemma)
    if (/^[a-z]/.test(word) && word.length > 1) entries.set(word, [...(entries.get(word) ?? []), ...senses])
  }
  for (const [alias, word] of Object.entries(ALIASES)) {
    const senses = entries.get(word)
    if (senses === undefined) throw new Error(`Expected a word of WordNet but received "${word}"`)
    entries.set(alias, senses)
  }
  // "Stop sign" is not in WordNet; it has the vector of its label alone.
  for (const label of labels) entries.set(label, entries.get(label) ?? [])
  return entries
}

/** In how many synsets a word is used in the definition or in an example. */
function countInDefinitions(synsets: readonly Synset[], entries: Entries): Map<string, number> {
  const counts = new Map<string, number>()
  for (const { definition, examples } of synsets) {
    for (const word of new Set(findWords(`${definition} ${examples}`, (entry) => entries.has(entry)))) {
      counts.set(word, (counts.get(word) ?? 0) + 1)
    }
  }
  return counts
}

/**
 * Leaves out what nobody searches for: names and phrases that WordNet itself never uses, and adjectives that look like
 * the plural of a noun ("bananas": crazy).
 */
function createSelection(synsets: readonly Synset[], frequencies: ReadonlyMap<string, number>) {
  const common = new Set(synsets.flatMap(({ words }) => words.filter((word) => /^[a-z]/.test(word)).map(normalise)))
  const nouns = new Set(synsets.filter(isNoun).flatMap(({ words }) => words.map(normalise)))
  return (word: string, senses: readonly Sense[]): boolean => {
    const uses = (frequencies.get(word) ?? 0) + senses.reduce((sum, { tagCount }) => sum + tagCount, 0)
    const meanings = senses.flatMap(({ synset }) => synsets[synset] ?? [])
    if (word.endsWith('s') && !meanings.some(isNoun) && nouns.has(word.slice(0, -1))) return false
    if (!common.has(word)) return uses >= 2 || word in ALIASES
    if (word.includes(' ')) return uses >= 2 || (uses === 1 && meanings.some(isNoun))
    return uses >= 1 || meanings.some(isVisible)
  }
}

const isNoun = ({ partOfSpeech }: Synset) => partOfSpeech === 'n'
const isVisible = (synset: Synset) => isNoun(synset) && VISIBLE_FIELDS.has(synset.field)

/** Each meaning of a word with its share: by how often it is meant, how usual it is, and whether a picture can show it. */
function weighMeanings(synsets: readonly Synset[], senses: readonly Sense[]): WeightedMeaning[] {
  const weights = senses.map(({ synset, rank, tagCount }): WeightedMeaning => {
    const meaning = synsets[synset]
    const factor =
      meaning === undefined || !isNoun(meaning) ? NOT_A_NOUN_FACTOR : isVisible(meaning) ? VISIBLE_FACTOR : 1
    return [synset, ((tagCount + 1) / rank) * factor]
  })
  const total = weights.reduce((sum, [, weight]) => sum + weight, 0)
  return weights
    .map(([synset, weight]): WeightedMeaning => [synset, Math.round((weight / total) * 100) / 100])
    .filter(([, share]) => share > 0)
    .sort(([a], [b]) => a - b)
}

function shareOfOthers(synsets: readonly Synset[], meanings: readonly WeightedMeaning[]): number {
  return meanings.reduce((sum, [synset, share]) => sum + (synsets[synset]?.partOfSpeech === 'n' ? 0 : share), 0)
}

/** Inverse document frequency, scaled so that a rare word says 1. */
function informativeness(frequency: number, total: number): number {
  return Math.log(total / (frequency + RARE)) / Math.log(total / RARE)
}

/** Half of what a label's own word means is what the label shows: in pictures, a kite is seldom the bird. */
function wordVector(
  vectors: DenseMatrix,
  meanings: readonly WeightedMeaning[],
  label: Float32Array | undefined,
): Float32Array {
  if (label === undefined) return combineMeanings(vectors, meanings)
  if (meanings.length === 0) return label
  return combineVectors([
    [combineMeanings(vectors, meanings), 1],
    [label, 1],
  ])
}
