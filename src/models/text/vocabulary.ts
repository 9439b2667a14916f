/** What the vector table holds, and where. */
export interface Vocabulary {
  isKnown(word: string): boolean
  /** The entry of a normalised word. @throws RangeError when it is not known: ask `isKnown` first. */
  getWord(word: string): VocabularyEntry
  /** The entry of an object label in the sense in which the detector means it. */
  findLabel(label: string): VocabularyEntry | undefined
}

export interface VocabularyEntry {
  /** Row of the vector table. */
  readonly row: number
  /** How much the word says about a text, 0..1: rare words and nouns say more. */
  readonly weight: number
}

const LABEL_PREFIX = 'label:'

/**
 * Reads `words.txt`: line n describes row n of the table, as `weight word,word,...`; the words of a line mean the same.
 * A line `1.00 label:mouse` is the object label in place of the word.
 */
export function parseVocabulary(text: string): Vocabulary {
  const rows = new Map<string, number>()
  const weights: number[] = []
  for (const line of text.trimEnd().split('\n')) {
    const space = line.indexOf(' ')
    for (const word of line.slice(space + 1).split(',')) rows.set(word, weights.length)
    weights.push(Number(line.slice(0, space)))
  }
  const find = (word: string): VocabularyEntry | undefined => {
    const row = rows.get(word)
    return row === undefined ? undefined : { row, weight: weights[row] ?? 0 }
  }
  return {
    isKnown: (word) => rows.has(word),
    getWord(word) {
      const entry = find(word)
      if (entry === undefined) throw new RangeError(`Expected a known word but received "${word}"`)
      return entry
    },
    findLabel: (label) => find(LABEL_PREFIX + label),
  }
}
