import type { Sql } from './client.ts'
import { planned } from './planned.ts'
import { everyWord, exactWords, unwantedWords } from './search-text.ts'
import type { Fragment } from './search-vectors.ts'
import { type UploadConditions, uploadFilter } from './upload-filter.ts'

/** Which uploads of a user are meant. All that is given must hold. */
export interface UploadScope {
  userId: string
  conditions: readonly UploadConditions[]
  /** Must stand in the words, exactly so. */
  phrases?: readonly string[]
  /** Must not stand in the words. */
  excluded?: readonly string[]
  /** Only what is developed, unless a condition names a status: nobody knows yet which words the rest will have. */
  developed?: boolean
}

export interface WordScope extends UploadScope {
  /** Every one must be there, in any order. Empty: none is asked for. */
  words?: string
}

/**
 * The condition on uploads as `u`.
 * @param every a tsquery as its text, which must match; null matches nothing
 */
export function inScope(sql: Sql, scope: UploadScope, every?: string | null) {
  const { userId, conditions, phrases = [], excluded = [], developed = false } = scope
  const showHidden = conditions.some((condition) => condition.showHidden || condition.onlyHidden)
  const all = conditions.length === 0 ? [{}] : conditions
  const status = developed && !all.some((condition) => condition.status) ? ('completed' as const) : undefined
  return sql`
    ${all.map((condition) => sql`${uploadFilter(sql, userId, { status, ...defined(condition), showHidden })} and`)}
    ${oneAfterAnother(
      sql,
      phrases.map((phrase) => sql`u.search_document @@ ${exactWords(sql, phrase)} and`),
    )}
    ${oneAfterAnother(
      sql,
      excluded.map((words) => sql`not coalesce(u.search_document, '') @@ ${unwantedWords(sql, words)} and`),
    )}
    ${every === undefined ? sql`true` : sql`u.search_document @@ ${every}::tsquery`}`
}

/**
 * Runs a statement on the uploads of a scope. Words are read first, so that the planner knows them: rare ones it looks
 * up in the index of words, of frequent ones it goes through the uploads in their order.
 * @param toStatement is given the condition on uploads as `u`
 */
export async function askInScope<Row extends object>(
  sql: Sql,
  { words, ...scope }: WordScope,
  toStatement: (condition: Fragment) => Fragment,
): Promise<Row[]> {
  if (!words) return sql<Row[]>`${toStatement(inScope(sql, scope))}`
  const [asked] = await sql<[{ every: string | null }]>`select ${everyWord(sql, words)}::text as every`
  return planned<Row>(sql, toStatement(inScope(sql, scope, asked.every)))
}

/** The driver writes out a list of fragments, but takes an empty one for a parameter. */
const oneAfterAnother = (sql: Sql, fragments: Fragment[]) => (fragments.length === 0 ? [sql``] : fragments)

/** Without the members that are undefined, which would hide a default. */
function defined<T extends object>(values: T): Partial<T> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Partial<T>
}
