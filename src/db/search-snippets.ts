import type { Sql } from './client.ts'
import { anyWord } from './search-text.ts'
import type { Fragment } from './search-vectors.ts'

/** Where the words of a query stand in the words of one upload. */
export interface SnippetRow {
  uploadId: string
  field: 'description' | 'ocr_text' | 'filename' | 'camera'
  /** With MATCH_START and MATCH_END around each match. */
  marked: string
}

/** Control characters: no text that people write or read has them, and what has is cleaned of them before. */
export const MATCH_START = '\u0001'
export const MATCH_END = '\u0002'

const MARKS = `StartSel="${MATCH_START}", StopSel="${MATCH_END}"`
const WHOLE = `${MARKS}, HighlightAll=true`
/** A line or two of a page of text. */
const PART = `${MARKS}, MinWords=12, MaxWords=24, MaxFragments=1`

export type SnippetStore = ReturnType<typeof createSnippetStore>

/** Shows why words found an upload: PostgreSQL knows which words its stems came from. */
export function createSnippetStore(sql: Sql) {
  return {
    /** The first field with a match of each upload; none where only meaning found it. For one page of hits. */
    async find(userId: string, text: string, uploadIds: readonly string[]): Promise<SnippetRow[]> {
      const clean = (column: Fragment) => sql`translate(${column}, ${MATCH_START + MATCH_END}, '')`
      // Signs become blanks one by one, so that places in the name stay what they are.
      const name = sql`translate(u.filename, '._-+~()[]{},;&#@''', '                 ')`
      return sql<SnippetRow[]>`
        select distinct on (u.id) u.id as upload_id, field, marked
        from (select ${anyWord(sql, text)} as words) q, uploads u, lateral (values
          (1, 'description', ts_headline('english', ${clean(sql`u.description`)}, q.words, ${WHOLE})),
          (2, 'ocr_text', ts_headline('english', ${clean(sql`u.ocr_text`)}, q.words, ${PART})),
          (3, 'filename', ts_headline('english', ${clean(name)}, q.words, ${WHOLE})),
          (4, 'camera', ts_headline('simple', ${clean(sql`u.camera`)}, q.words, ${WHOLE}))
        ) as shown(place, field, marked)
        where u.user_id = ${userId} and u.id = any(${uploadIds as string[]}::uuid[]) and strpos(marked, ${MATCH_START}) > 0
        order by u.id, place`
    },
  }
}
