import { AppError } from '../errors.ts'

/** Where a list goes on. Opaque to clients; checked when it comes back, since anybody can send anything. */
export function encodeCursor(position: readonly (string | number)[]): string {
  return Buffer.from(JSON.stringify(position)).toString('base64url')
}

/**
 * @param checks one per element of the position.
 * @throws AppError CURSOR_INVALID
 */
export function decodeCursor(cursor: string, checks: readonly ((text: string) => boolean)[]): string[] {
  try {
    const position: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'))
    if (Array.isArray(position) && position.length === checks.length) {
      const texts = position.map(String)
      if (texts.every((text, index) => checks[index]?.(text))) return texts
    }
  } catch (cause) {
    throw new AppError('CURSOR_INVALID', { cause })
  }
  throw new AppError('CURSOR_INVALID')
}

const matches = (pattern: RegExp) => (text: string) => pattern.test(text)

export const isId = matches(/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/)
/** Fits PostgreSQL's `int`. */
export const isPosition = matches(/^\d{1,9}$/)
/** Fits PostgreSQL's `bigint`. */
export const isSize = matches(/^\d{1,15}$/)
/** Fits PostgreSQL's `real`, as it writes it. */
export const isSeconds = matches(/^\d{1,20}(\.\d{1,20})?(e[+-]\d{1,2})?$/)
// biome-ignore lint/suspicious/noControlCharactersInRegex: PostgreSQL takes any text but NUL
export const isText = matches(/^[^\u0000]{0,1024}$/)
/** UTC with microseconds, and a moment that exists. */
export const isMoment = (text: string) =>
  /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/.test(text) && Number.isFinite(Date.parse(text))
export const isExactly = (expected: string) => (text: string) => text === expected
