import type { SuggestionList } from '../../../../src/schemas/search.ts'
import { OPERATORS } from './operators.ts'
import { type Piece, pieceAt, quoteValue } from './query-text.ts'

export type Word = SuggestionList['items'][number]

/** One line of the list under the box. */
export interface Completion {
  readonly kind: 'operator' | 'value' | 'word' | 'label' | 'camera' | 'recent' | 'saved'
  readonly text: string
  readonly note: string
  /** The query when it is taken, and where the caret stands then. */
  readonly query: string
  readonly caret: number
  /** Where it leads instead, with filters that no query can say. */
  readonly address?: string
}

const VALUES_MAX = 8

/** What the server is asked for, while this is typed: the beginning of a word, or of a camera's name. */
export function prefixAt(query: string, caret: number): string {
  const piece = pieceAt(query, caret)
  if (!piece || piece.quoted) return piece?.field === 'camera' ? piece.value : ''
  return piece.field === undefined || piece.field === 'camera' ? piece.value : ''
}

/** What could stand at the caret: filters, their values, and words that the server knows. */
export function completionsAt(query: string, caret: number, words: readonly Word[]): Completion[] {
  const piece = pieceAt(query, caret)
  if (!piece) return []
  if (piece.field !== undefined) return valuesOf(query, piece, words)
  if (piece.quoted) return []
  // Those of the letters before stand there until the server has answered.
  const typed = piece.value.toLowerCase()
  const fitting = words.filter(({ text }) => text.toLowerCase().includes(typed) && text.toLowerCase() !== typed)
  return [...operatorsLike(query, piece), ...fitting.map((word) => toCompletion(query, piece, word))]
}

function operatorsLike(query: string, piece: Piece): Completion[] {
  const typed = piece.value.toLowerCase()
  return OPERATORS.filter(({ name }) => name.startsWith(typed)).map(({ name, means }) => ({
    kind: 'operator',
    text: `${name}:`,
    note: means,
    ...put(query, piece, `${name}:`),
  }))
}

function valuesOf(query: string, piece: Piece, words: readonly Word[]): Completion[] {
  const typed = piece.value.toLowerCase()
  const take = (value: string, note: string, kind: Completion['kind'] = 'value'): Completion => ({
    kind,
    text: `${piece.field}:${quoteValue(value)}`,
    note,
    ...put(query, piece, `${piece.field}:${quoteValue(value)} `),
  })
  if (piece.field === 'camera') {
    const cameras = words.filter(({ kind }) => kind === 'camera')
    return cameras.map(({ text, uploads }) => take(text, countOf(uploads), 'camera'))
  }
  if (piece.field === 'after' || piece.field === 'before') {
    return yearsLike(typed).map((year) => take(year, piece.field === 'after' ? 'and later' : 'and earlier'))
  }
  const values = OPERATORS.find(({ name }) => name === piece.field)?.values ?? []
  return values.filter((value) => value.startsWith(typed) && value !== typed).map((value) => take(value, ''))
}

function yearsLike(typed: string): string[] {
  const thisYear = new Date().getFullYear()
  const years = Array.from({ length: 40 }, (_, ago) => String(thisYear - ago))
  return years.filter((year) => year.startsWith(typed) && year !== typed).slice(0, VALUES_MAX)
}

function toCompletion(query: string, piece: Piece, { kind, text, uploads }: Word): Completion {
  const written = kind === 'camera' ? `camera:${quoteValue(text)}` : text
  return { kind, text, note: countOf(uploads), ...put(query, piece, `${written} `) }
}

const countOf = (uploads: number) => `in ${uploads}`

/** The query with `text` in place of the piece; a minus before it stays. */
function put(query: string, piece: Piece, text: string): { query: string; caret: number } {
  const before = query.slice(0, piece.position) + (piece.negated ? '-' : '') + text
  return { query: before + query.slice(piece.end).trimStart(), caret: before.length }
}
