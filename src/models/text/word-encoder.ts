import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { packageFile } from '../../paths.ts'
import type { Caption } from '../pack.ts'
import { findWords } from './find-words.ts'
import { parseVocabulary, type Vocabulary, type VocabularyEntry } from './vocabulary.ts'
import { packBatch, type WordBatch } from './word-batch.ts'

export type { WordBatch } from './word-batch.ts'

/** The words of the basic pack's text encoder. Their vectors are in the network, which a model worker runs. */
export interface WordModel {
  readonly fingerprint: string
  readonly dimensions: number
  /**
   * ONNX file to make a session of. Inputs `ids` int64 [rows, columns] and `weights` float32 [rows, columns];
   * output `vectors` float32 [rows, dimensions], each row L2-normalised.
   */
  readonly graphPath: string
  /** One row, or undefined when no word of the text is known. */
  tokenizeQuery(text: string): WordBatch | undefined
  /** A row for each distinct object label, then one for the text as a whole; undefined when no word is known. */
  tokenizeDescription(caption: Caption): WordBatch | undefined
}

const DIMENSIONS = 128
/** Counts up when the same words would give other ids or weights. */
const TOKENIZER_VERSION = 1
const WORDS_URL = packageFile('models/basic/words.txt')
/** The file with the vectors, also known before the words are read. */
export const WORD_GRAPH_PATH = fileURLToPath(packageFile('models/basic/words.onnx'))

/** Beyond this the mean of the words hardly moves; a page of printed text costs no more than a line. */
const MAX_WORDS = 60
/** Far more than holds so many words: the rest of a long text is not even read. */
const MAX_CHARACTERS = 4000
/** Text in a picture (a brand on a van) says less about it than what is seen. */
const OCR_WEIGHT = 0.3

/** Loads the bundled vocabulary; the vectors stay on disk until a worker opens `graphPath`. */
export async function openWordModel(): Promise<WordModel> {
  const [words, network] = await Promise.all([readFile(WORDS_URL), readFile(WORD_GRAPH_PATH)])
  const digest = createHash('sha256').update(words).update(network).digest('hex').slice(0, 12)
  const vocabulary = parseVocabulary(words.toString('utf8'))
  return {
    fingerprint: `wordnet-${DIMENSIONS}-v${TOKENIZER_VERSION}-${digest}`,
    dimensions: DIMENSIONS,
    graphPath: WORD_GRAPH_PATH,
    tokenizeQuery: (text) => packBatch([findEntries(vocabulary, text)].filter(isNotEmpty)),
    tokenizeDescription: (caption) => packBatch(describe(vocabulary, caption).filter(isNotEmpty)),
  }
}

const isNotEmpty = (entries: readonly VocabularyEntry[]) => entries.length > 0

function findKnown({ isKnown }: Vocabulary, text: string): string[] {
  return findWords(text.slice(0, MAX_CHARACTERS), isKnown).slice(0, MAX_WORDS)
}

function findEntries(vocabulary: Vocabulary, text: string): VocabularyEntry[] {
  return findKnown(vocabulary, text).map(vocabulary.getWord)
}

function describe(vocabulary: Vocabulary, { text, ocrText, objects }: Caption): VocabularyEntry[][] {
  const labels = [...new Set(objects.map(({ label }) => label))]
  const asLabel = (label: string) => {
    const entry = vocabulary.findLabel(label)
    return entry === undefined ? findEntries(vocabulary, label) : [entry]
  }
  const printed = findKnown(vocabulary, ocrText)
  // Captions quote what is printed; it stays printed text.
  const told = findKnown(vocabulary, text).filter((word) => labels.includes(word) || !printed.includes(word))
  const whole = [
    // What a detector says is a label wherever it stands: the "mouse" in its sentence is not the rodent either.
    ...told.map((word) => (labels.includes(word) ? vocabulary.findLabel(word) : undefined) ?? vocabulary.getWord(word)),
    ...printed.map(vocabulary.getWord).map(({ row, weight }) => ({ row, weight: weight * OCR_WEIGHT })),
  ]
  return [...labels.map(asLabel), whole.slice(0, MAX_WORDS)]
}
