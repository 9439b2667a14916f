import type { Sql } from './client.ts'
import { plainWords } from './search-words.ts'

/** A beginning of a word that is shorter fits too much. */
const PREFIX_MIN_LENGTH = 3

/**
 * A tsquery for uploads with any of the words; null when there are none. Each word counts as its English stem and as it
 * is, the last one also as the beginning of a longer word, since people search while they type. Words that English
 * leaves out ("the", "a") count only where nothing else is asked.
 */
export function anyWord(sql: Sql, text: string) {
  return sql`(
    select coalesce(
      to_tsquery('english', string_agg(word, ' | ') filter (where said)) ||
        to_tsquery('simple', string_agg(word || case when last then ':*' else '' end, ' | ') filter (where said)),
      to_tsquery('simple', string_agg(word, ' | ')))
    from ${spokenWords(sql, text)})`
}

/**
 * A tsquery for uploads with every one of the words, in any order, each read as `anyWord` reads it; null when there are
 * none. Left out are signs that count as words here, and that the search document does not keep ("²").
 */
export function everyWord(sql: Sql, text: string) {
  return sql`(
    select coalesce(
      string_agg('(' || asked::text || ')', ' & ') filter (where said), string_agg(asked::text, ' & '))::tsquery
    from (
      select said, case
        when said then to_tsquery('english', word) || to_tsquery('simple', word || case when last then ':*' else '' end)
        else to_tsquery('simple', word) end as asked
      from ${spokenWords(sql, text)}) as each
    where numnode(asked) > 0)`
}

function spokenWords(sql: Sql, text: string) {
  const words = plainWords(text)
    .split(' ')
    .filter((word) => word !== '')
  const prefixAt = (words.at(-1)?.length ?? 0) >= PREFIX_MIN_LENGTH ? words.length : 0
  return sql`(
    select word, at = ${prefixAt} as last, ts_lexize('english_stem', lower(word)) <> '{}' as said
    from unnest(${words}::text[]) with ordinality as given(word, at)
  ) as spoken`
}

/** A tsquery for exactly these words, one after another; empty, and then nothing, without a word. */
export const exactWords = (sql: Sql, text: string) => sql`phraseto_tsquery('simple', ${plainWords(text)})`

/** A tsquery for what `-word` or `-"some words"` keeps out: the words as they are or, a single one, by its stem. */
export function unwantedWords(sql: Sql, text: string) {
  const words = plainWords(text)
  return words.includes(' ')
    ? exactWords(sql, text)
    : sql`(${exactWords(sql, text)} || plainto_tsquery('english', ${words}))`
}
