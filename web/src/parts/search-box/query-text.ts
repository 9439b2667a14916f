import { type Token, tokenize } from '../../../../src/services/query-language/tokens.ts'

/** A token with the place where it ends, so that it can be replaced in the text. */
export interface Piece extends Token {
  readonly end: number
}

/**
 * The pieces of a query, as the server cuts it. Its own function does the cutting: a copy would come to disagree about
 * quotes and minus signs one day.
 */
export function piecesOf(query: string): Piece[] {
  return tokenize(query).map((token) => ({ ...token, end: endOf(query, token) }))
}

function endOf(query: string, { valuePosition, value, quoted }: Token): number {
  const end = valuePosition + value.length
  return quoted && end < query.length ? end + 1 : end
}

/** The piece that the caret stands in or right behind. */
export function pieceAt(query: string, caret: number): Piece | undefined {
  return piecesOf(query).find(({ position, end }) => position < caret && caret <= end)
}

/** Takes out the pieces that are meant, and puts `text` at the end. */
export function replacePieces(query: string, isMeant: (piece: Piece) => boolean, text = ''): string {
  let rest = ''
  let at = 0
  for (const piece of piecesOf(query).filter(isMeant)) {
    rest += query.slice(at, piece.position)
    at = piece.end
  }
  rest += query.slice(at)
  return `${rest.trim().replace(/\s{2,}/g, ' ')} ${text}`.trim()
}

/** A value as it stands behind a colon: in quotes where it holds blanks. */
export const quoteValue = (value: string) => (/\s/.test(value) ? `"${value.replaceAll('"', '')}"` : value)

/** Whether the piece is this filter, not turned around. */
export const isFilter = (piece: Piece, field: string, values?: readonly string[]) =>
  piece.field === field && !piece.negated && (values === undefined || values.includes(piece.value.toLowerCase()))

/** Words and phrases that describe what is looked for. Signs alone are no words: the server passes over them. */
export const isWord = (piece: Piece) => piece.field === undefined && /[\p{L}\p{N}]/u.test(piece.value)
