import { AppError } from '../errors.ts'

/** Where a list goes on. Opaque to clients; checked when it comes back, since anybody can send anything. */
export function encodeCursor(position: readonly (string | number)[]): string {
  return Buffer.from(JSON.stringify(position)).toString('base64url')
}

/**
 * @param pattern one test per element of the position.
 * @throws AppError CURSOR_INVALID
 */
export function decodeCursor(cursor: string, pattern: readonly RegExp[]): string[] {
  try {
    const position: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'))
    if (Array.isArray(position) && position.length === pattern.length) {
      const texts = position.map(String)
      if (texts.every((text, index) => pattern[index]?.test(text))) return texts
    }
  } catch (cause) {
    throw new AppError('CURSOR_INVALID', { cause })
  }
  throw new AppError('CURSOR_INVALID')
}

export const CURSOR_ID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/
export const CURSOR_INTEGER = /^\d{1,15}$/
export const CURSOR_TIME = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)?[+-]\d\d(:\d\d)?$/
// biome-ignore lint/suspicious/noControlCharactersInRegex: PostgreSQL takes any text but NUL
export const CURSOR_TEXT = /^[^\u0000]{0,1024}$/
