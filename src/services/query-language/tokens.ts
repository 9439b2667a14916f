/** One piece of a query, as typed. */
export interface Token {
  /** How many characters stand before it in the query. */
  readonly position: number
  /** With a minus before it. */
  readonly negated: boolean
  /** The name before the colon, in lower case; undefined for words and phrases. */
  readonly field: string | undefined
  /** A word, the words between quotes, or the value of the field. */
  readonly value: string
  /** Where the value begins. */
  readonly valuePosition: number
  readonly quoted: boolean
}

/**
 * Blanks part tokens. A minus turns one around; `name:` makes it a field, unless `/` follows, as in an address; quotes
 * hold blanks together, also in a value. A quote that is never closed reaches to the end.
 */
const TOKEN = /(-(?=[^\s-]))?(?:([a-z]+):(?!\/))?(?:["“”]([^"“”]*)(?:["“”]|$)|(\S*))/giy

export function tokenize(query: string): Token[] {
  const tokens: Token[] = []
  let at = 0
  while (at < query.length) {
    if (/\s/.test(query.charAt(at))) {
      at++
      continue
    }
    TOKEN.lastIndex = at
    const match = TOKEN.exec(query)
    if (!match) break
    const [whole, minus = '', name, phrase, word = ''] = match
    const quoted = phrase !== undefined
    tokens.push({
      position: at,
      negated: minus !== '',
      field: name?.toLowerCase(),
      value: phrase ?? word,
      valuePosition: at + minus.length + (name === undefined ? 0 : name.length + 1) + (quoted ? 1 : 0),
      quoted,
    })
    at += Math.max(1, whole.length)
  }
  return tokens
}
