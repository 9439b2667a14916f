import type { UploadConditions } from '../../db/upload-filter.ts'
import { AppError } from '../../errors.ts'
import { FIELDS, type Field } from './fields.ts'
import { type Token, tokenize } from './tokens.ts'

/** What a person typed, understood. */
export interface ParsedQuery {
  /** The words and phrases that describe what is looked for, in their order, without signs. May be empty. */
  readonly text: string
  /** Must stand in what is found, word by word. */
  readonly phrases: readonly string[]
  /** Words and phrases of which none may stand in what is found. */
  readonly excluded: readonly string[]
  /** All must hold; one per field, so that `type:image type:video` finds nothing rather than the last. */
  readonly conditions: readonly UploadConditions[]
}

/** More tokens than any person types; each one is a part of the statement that the database plans. */
const TOKENS_MAX = 64

/**
 * Reads the query language: words, `"exact words"`, `-without`, and `field:value`.
 * @throws AppError QUERY_INVALID with `position`: how many characters stand before what was not understood
 */
export function parseQuery(query: string): ParsedQuery {
  const tokens = tokenize(query)
  const surplus = tokens[TOKENS_MAX]
  if (surplus) throw invalid(surplus.position, `a query has at most ${TOKENS_MAX} words and filters`)
  const spoken = tokens.filter(({ field, value }) => field === undefined && hasWord(value))
  const wanted = spoken.filter(({ negated }) => !negated)
  return {
    text: wanted.map(({ value }) => value.trim()).join(' '),
    phrases: wanted.filter(({ quoted }) => quoted).map(({ value }) => value),
    excluded: spoken.filter(({ negated }) => negated).map(({ value }) => value),
    conditions: tokens.filter(({ field }) => field !== undefined).map(readField),
  }
}

const hasWord = (text: string) => /[\p{L}\p{N}]/u.test(text)

function readField(token: Token): UploadConditions {
  const { field: name = '', value, negated, position, valuePosition } = token
  const field = FIELDS.get(name)
  if (!field) {
    const names = [...FIELDS.keys()].map((known) => `${known}:`).join(', ')
    throw invalid(position, `there is no field ${name}:. There are ${names}. Put quotes around words with a colon`)
  }
  if (negated && !field.readNegated) throw invalid(position, `${name}: cannot have a minus before it`)
  const conditions = negated ? field.readNegated?.(value) : field.read(value)
  if (conditions) return conditions
  throw invalid(valuePosition, expectation(name, field, value))
}

function expectation(name: string, { expects }: Field, value: string): string {
  return `expected ${expects} after ${name}: but received ${value === '' ? 'nothing' : JSON.stringify(value)}`
}

function invalid(position: number, reason: string): AppError {
  return new AppError('QUERY_INVALID', {
    detail: `Character ${position + 1} of the query: ${reason}.`,
    extra: { position },
  })
}
