import type { Sql } from './client.ts'

export interface SuggestionRow {
  word: string
  kind: 'word' | 'label' | 'camera'
  uploads: number
}

/** Greater than any character: ends the range of words that begin with a prefix. */
const LAST_CHARACTER = '\u{10FFFF}'

export type SuggestionStore = ReturnType<typeof createSuggestionStore>

/** The words of a user's own uploads, kept with their counts by a trigger (`migrations/0006_search.sql`). */
export function createSuggestionStore(sql: Sql) {
  return {
    /** Those that begin so, the most frequent first; a word that is also the name of a thing only once. */
    async find(userId: string, prefix: string, limit: number): Promise<SuggestionRow[]> {
      const start = prefix.toLowerCase()
      return sql<SuggestionRow[]>`
        select word, kind, uploads from (
          select distinct on (lower(word)) word, kind, uploads from suggestions
          where user_id = ${userId} and lower(word) collate "C" >= ${start}
            and lower(word) collate "C" < ${start + LAST_CHARACTER}
          order by lower(word), uploads desc, kind
        ) as words order by uploads desc, word limit ${limit}`
    },
  }
}
