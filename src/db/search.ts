import type { Signal } from '../schemas/search.ts'
import type { Sql } from './client.ts'
import { anyWord, everyWord, exactWords, unwantedWords } from './search-text.ts'
import {
  cosine,
  type Fragment,
  ITERATIVE_SCAN,
  nearByIndex,
  ofScan,
  scanVectors,
  type VectorQuery,
} from './search-vectors.ts'
import { plainWords } from './search-words.ts'
import { type UploadConditions, uploadFilter } from './upload-filter.ts'
import type { VectorIndexes } from './vector-index.ts'

/** One upload that a signal found, and how well. */
export interface SignalHit {
  uploadId: string
  score: number
}

/** What may be found at all. Every signal looks only among these, before it counts or limits anything. */
export interface SearchScope {
  userId: string
  /** All must hold. */
  conditions: readonly UploadConditions[]
  /** Must stand in the words, exactly so. */
  phrases?: readonly string[]
  /** Must not stand in the words. */
  excluded?: readonly string[]
  /** An upload that is not looked for: the one that others are compared with. */
  exceptId?: string | undefined
  /** Only what was developed until then, so that what comes in meanwhile moves nothing to another page. */
  until?: string | undefined
}

export interface SearchQuery {
  /** Words to rank by; empty: only vectors. */
  text: string
  vectors: readonly VectorQuery[]
}

/** The best uploads by one measure, the best first. */
export interface SignalList {
  signal: Signal
  hits: SignalHit[]
}

export interface Found {
  /** In the order `exact`, `text`, then one per vector query. Signals that found nothing are there, empty. */
  lists: SignalList[]
  /** Distinct uploads that any signal found. */
  total: number
  /** False when the total is a lower bound: a very common word, or a vector index that was not read to its end. */
  totalIsExact: boolean
}

/**
 * The uploads with a word that are ranked and counted, the newest. A word that stands in more of them tells them apart
 * no better, and to read a third of 100,000 rows takes a quarter of a second.
 */
const WORD_MATCHES_MAX = 5000

export type { VectorQuery } from './search-vectors.ts'

export type SearchStore = ReturnType<typeof createSearchStore>

/** The signals of a search, each the best uploads of one user by one measure. Filters apply before the limit. */
export function createSearchStore(sql: Sql, indexes: VectorIndexes) {
  /** The driver writes out a list of fragments, but takes an empty one for a parameter. */
  const oneAfterAnother = (fragments: Fragment[]) => (fragments.length === 0 ? [sql``] : fragments)

  /** The condition on uploads as `u`. */
  const within = ({ userId, conditions, phrases = [], excluded = [], exceptId, until }: SearchScope) => {
    const showHidden = conditions.some((condition) => condition.showHidden || condition.onlyHidden)
    const all = conditions.length === 0 ? [{}] : conditions
    const status = all.some((condition) => condition.status) ? undefined : ('completed' as const)
    return sql`
      ${all.map((condition) => sql`${uploadFilter(sql, userId, { status, ...defined(condition), showHidden })} and`)}
      ${oneAfterAnother(phrases.map((phrase) => sql`u.search_document @@ ${exactWords(sql, phrase)} and`))}
      ${oneAfterAnother(excluded.map((words) => sql`not coalesce(u.search_document, '') @@ ${unwantedWords(sql, words)} and`))}
      ${exceptId === undefined ? sql`` : sql`u.id <> ${exceptId} and`}
      ${until === undefined ? sql`true` : sql`u.processed_at <= ${until}::timestamptz`}`
  }

  /** Uploads with the words, all of them or any. Two limits, so that common words never hide what has all of them. */
  const byText = (scope: SearchScope, { any, every }: WordQueries) => {
    const matching = (query: string) => sql`
      (select u.id, u.search_document from uploads u where u.search_document @@ ${query}::tsquery and ${within(scope)}
      order by u.created_at desc, u.id desc limit ${WORD_MATCHES_MAX})`
    return sql`
      select m.id as upload_id, ts_rank(m.search_document, ${any}::tsquery, 1)::float8 as score
      from (${every === null ? sql`` : sql`${matching(every)} union`} ${matching(any)}) m`
  }

  /** Uploads that hold the words one after another, or whose name they are, with its ending or without. */
  const byExactWords = (scope: SearchScope, text: string, { exact }: WordQueries) => {
    const several = plainWords(text).includes(' ')
    const name = text.trim().toLowerCase()
    return sql`
      select u.id as upload_id, ts_rank(u.search_document, ${exact}::tsquery, 1)::float8 as score
      from uploads u where u.search_document @@ ${exact}::tsquery and ${within(scope)}
        and (${several} or lower(u.filename) = ${name} or regexp_replace(lower(u.filename), '\\.[^.]*$', '') = ${name})
      order by u.created_at desc, u.id desc limit ${WORD_MATCHES_MAX}`
  }

  /** The signals that words give. None without a word. */
  async function byWords(scope: SearchScope, text: string): Promise<Part[]> {
    if (plainWords(text) === '') return []
    // Asked beforehand: with the words at hand the planner knows whether they are rare.
    const [queries] = await sql<[WordQueries]>`
      select ${anyWord(sql, text)}::text as any, ${everyWord(sql, text)}::text as every, ${exactWords(sql, text)}::text as exact`
    if (!queries.any) return []
    return [
      { signal: 'exact', rows: byExactWords(scope, text, queries) },
      { signal: 'text', rows: byText(scope, queries) },
    ]
  }

  /** The best of every part, and how many uploads they are together. */
  const collect = (parts: readonly Part[], scan: Fragment, wordParts: number, depth: number) => sql`
    with ${scan} found as materialized (
      ${parts.map(({ rows }, list) => sql`${list > 0 ? sql`union all` : sql``} select ${list}::int as list, part.* from (${rows}) as part `)}
    ), ranked as (
      select list, upload_id, score, row_number() over (partition by list order by score desc, upload_id desc) as rank
      from found
    )
    select
      (select coalesce(json_agg(json_build_array(list, upload_id, score) order by list, rank), '[]')
        from ranked where rank <= ${depth}) as hits,
      (select count(distinct upload_id) from found) as total,
      (select coalesce(max(uploads), 0)
        from (select count(*) as uploads from found where list < ${wordParts} group by list) as counted) as most_by_words`

  /** Planned for these very words and this very user: a plan for any of them reads everybody's rows. */
  const run = (statement: Fragment, byIndex: boolean): Promise<FoundRow> =>
    sql.begin(async (tx) => {
      await tx.unsafe(`set local plan_cache_mode = force_custom_plan; ${byIndex ? ITERATIVE_SCAN : ''}`)
      const [row] = await tx<[FoundRow]>`${statement}`
      return row
    })

  return {
    /** The moment up to which a search that begins now looks, with all its microseconds. */
    async now(): Promise<string> {
      const [row] = await sql<[{ now: string }]>`
        select to_char(now() at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as now`
      return row.now
    },

    /** Asks every signal for its best uploads, up to `depth` of each, and counts them, in one statement. */
    async find(scope: SearchScope, { text, vectors }: SearchQuery, depth: number): Promise<Found> {
      const { userId } = scope
      const condition = within(scope)
      const indexed = await Promise.all(vectors.map(({ model }) => indexes.dimensionFor(userId, model)))
      const scanned = vectors.filter((_, place) => indexed[place] === undefined)
      const words = await byWords(scope, text)
      const near = vectors.map((query, place): Part => {
        const dimensions = indexed[place]
        const rows =
          dimensions === undefined
            ? ofScan(sql, scanned.indexOf(query), condition)
            : nearByIndex(sql, userId, query, { dimensions, depth, condition })
        return { signal: query.signal, rows }
      })
      const parts = [...words, ...near]
      if (parts.length === 0) return { lists: [], total: 0, totalIsExact: true }
      const scan = scanned.length === 0 ? sql`` : sql`near as materialized (${scanVectors(sql, userId, scanned)}),`
      const statement = collect(parts, scan, words.length, depth)
      const row = await run(statement, scanned.length < vectors.length)
      const totalIsExact = row.mostByWords < WORD_MATCHES_MAX && scanned.length === vectors.length
      return { lists: toLists(parts, row.hits), total: row.total, totalIsExact }
    },

    /** The newest of what the filters leave, for a query that has nothing else. */
    async listNewest(scope: SearchScope, limit: number, after?: { createdAt: string; id: string }) {
      const position = after
        ? sql`(u.created_at, u.id) < (${after.createdAt}::timestamptz, ${after.id}::uuid)`
        : sql`true`
      return sql<{ uploadId: string; createdAt: string }[]>`
        select u.id as upload_id, to_char(u.created_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as created_at
        from uploads u where ${within(scope)} and ${position} order by u.created_at desc, u.id desc limit ${limit}`
    },

    async count(scope: SearchScope): Promise<number> {
      const [row] = await sql<[{ count: number }]>`select count(*) from uploads u where ${within(scope)}`
      return row.count
    },

    /** Of the videos among the uploads: the moment, in milliseconds, whose picture is closest to the query. */
    async findMoments(userId: string, { model, vectors }: VectorQuery, uploadIds: readonly string[]) {
      return sql<{ uploadId: string; momentMs: number }[]>`
        select distinct on (e.upload_id) e.upload_id, e.frame_ms as moment_ms
        from embeddings e join uploads u on u.id = e.upload_id
        where e.user_id = ${userId} and e.model = ${model} and e.upload_id = any(${uploadIds as string[]}::uuid[])
          and e.frame_ms >= 0 and u.file_type = 'video'
        order by e.upload_id, ${cosine(sql, vectors)} desc, e.frame_ms`
    },

    /** The picture vectors of one upload; empty when it has none of this model. */
    async findVectors(userId: string, uploadId: string, model: string): Promise<Float32Array[]> {
      const rows = await sql<{ vector: string }[]>`
        select vector::text from embeddings
        where upload_id = ${uploadId} and user_id = ${userId} and model = ${model} and frame_ms >= 0
        order by frame_ms, part`
      return rows.map((row) => Float32Array.from(JSON.parse(row.vector) as number[]))
    },
  }
}

/** One signal: a statement that gives `upload_id` and `score`. */
interface Part {
  signal: Signal
  rows: Fragment
}

/** tsqueries as their text. `every` is null for a single word. */
interface WordQueries {
  any: string
  every: string | null
  exact: string
}

interface FoundRow {
  hits: [list: number, uploadId: string, score: number][]
  total: number
  mostByWords: number
}

function toLists(parts: readonly Part[], hits: FoundRow['hits']): SignalList[] {
  const lists = parts.map(({ signal }): SignalList => ({ signal, hits: [] }))
  for (const [list, uploadId, score] of hits) lists[list]?.hits.push({ uploadId, score })
  return lists
}

/** Without the members that are undefined, which would hide a default. */
function defined<T extends object>(values: T): Partial<T> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Partial<T>
}
