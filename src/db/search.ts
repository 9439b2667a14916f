import type { Sql } from './client.ts'
import { createLibrarySizes, type LibrarySize } from './library-size.ts'
import { planned } from './planned.ts'
import {
  type FoundRow,
  gather,
  type Part,
  type SignalList,
  toLists,
  vectorParts,
  type WayOfMany,
} from './search-statement.ts'
import { anyWord, everyWord, exactWords } from './search-text.ts'
import { cosine, SKETCHED_DEPTH_MAX, type VectorQuery } from './search-vectors.ts'
import { plainWords } from './search-words.ts'
import { inScope, type UploadScope } from './upload-scope.ts'

/** What may be found at all. Every signal looks only among these, before it counts or limits anything. */
export interface SearchScope extends UploadScope {
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

export interface Found {
  /** In the order `exact`, `text`, then one per vector query. Signals that found nothing are there, empty. */
  lists: SignalList[]
  /** Distinct uploads that any signal found. */
  total: number
  /** False when the total is a lower bound: a very common word, or so many vectors that only the nearest were compared. */
  totalIsExact: boolean
  /** The moment of the scope or, without one, of this search, with all its microseconds. */
  until: string
}

/**
 * The uploads with a word that are ranked and counted, the newest. A word that stands in more of them tells them apart
 * no better, and to read a third of 100,000 rows takes a quarter of a second.
 */
const WORD_MATCHES_MAX = 2000

export type { SignalHit, SignalList } from './search-statement.ts'
export type { VectorQuery } from './search-vectors.ts'

export type SearchStore = ReturnType<typeof createSearchStore>

/** The signals of a search, each the best uploads of one user by one measure. Filters apply before the limit. */
export function createSearchStore(sql: Sql) {
  const sizeOf = createLibrarySizes(sql)

  /** The condition on uploads as `u`. */
  const within = ({ exceptId, until, ...scope }: SearchScope) => sql`
    ${inScope(sql, { ...scope, developed: true })}
    ${exceptId === undefined ? sql`` : sql`and u.id <> ${exceptId}`}
    ${until === undefined ? sql`` : sql`and u.processed_at <= ${until}::timestamptz`}`

  /** Uploads with the words, all of them or any. Two limits, so that common words never hide what has all of them. */
  const byText = (scope: SearchScope, anyWord: string, { everyWord, few }: Start) => {
    const matching = (query: string) => sql`
      (select u.id as upload_id, ts_rank(u.search_document, ${anyWord}::tsquery, 1)::float8 as score, 0 as candidate
      from uploads u where ${wordsMatch(query, few)} and ${within(scope)}
      order by u.created_at desc, u.id desc limit ${WORD_MATCHES_MAX})`
    // Of a single word, any is every one.
    const isOne = everyWord === null || everyWord === anyWord
    return isOne ? matching(anyWord) : sql`${matching(everyWord)} union ${matching(anyWord)}`
  }

  /** Of few uploads every one is looked at: the index of words is everybody's, and a common word has a long list there. */
  const wordsMatch = (query: string | null, few: boolean) =>
    few ? sql`coalesce(u.search_document, '') @@ ${query}::tsquery` : sql`u.search_document @@ ${query}::tsquery`

  /** Uploads that hold the words one after another or, for a single one, whose name it is. */
  const byExactWords = (scope: SearchScope, text: string, start: Start) => {
    // Written as the index has it. The ending of a name that is asked for with its ending is a word of its own.
    const name = sql`lower(regexp_replace(u.filename, '\\.[^.]*$', '')) = ${text.trim().toLowerCase()}`
    return sql`
      select u.id as upload_id, ts_rank(u.search_document, ${start.exactWords}::tsquery, 1)::float8 as score, 0 as candidate
      from uploads u where ${plainWords(text).includes(' ') ? wordsMatch(start.exactWords, start.few) : name}
        and ${within(scope)}
      order by u.created_at desc, u.id desc limit ${WORD_MATCHES_MAX}`
  }

  /** The signals that words give. None without a word. */
  const byWords = (scope: SearchScope, text: string, start: Start): Part[] => {
    if (!start.anyWord) return []
    return [
      { signal: 'exact', rows: byExactWords(scope, text, start) },
      { signal: 'text', rows: byText(scope, start.anyWord, start) },
    ]
  }

  /** What the statement of a search depends on. With the words at hand the planner knows whether they are rare. */
  async function begin({ userId, until }: SearchScope, { text, vectors }: SearchQuery): Promise<Start> {
    const words = plainWords(text) === '' ? undefined : text
    const read = sql<[Omit<Start, keyof LibrarySize> & { allSketched: boolean }]>`
      select ${until ?? sql`to_char(now() at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`}::text as until,
        ${words === undefined ? sql`null` : anyWord(sql, words)}::text as any_word,
        ${words === undefined ? sql`null` : everyWord(sql, words)}::text as every_word,
        ${words === undefined ? sql`null` : exactWords(sql, words)}::text as exact_words,
        not exists (select from vector_sketches where bits is null) as all_sketched`
    const models = vectors.map(({ model }) => model)
    const [[{ allSketched, ...start }], { few, crowded }] = await Promise.all([read, sizeOf(userId, models)])
    return { ...start, few, crowded: allSketched ? crowded : [] }
  }

  /** Asks every signal for its best uploads, up to `depth` of each, and counts them, in one statement. */
  async function ask(scope: SearchScope, { text, vectors }: SearchQuery, depth: number, { start, way }: Asking) {
    const words = byWords(scope, text, start)
    const many = new Set(start.crowded)
    const near = vectorParts(sql, vectors, { userId: scope.userId, depth, many, way, condition: within(scope) })
    const parts = [...words, ...near.parts]
    if (parts.length === 0) return { lists: [], total: 0, mostByWords: 0, tooFew: false }
    const statement = gather(sql, { ...near, parts, wordParts: words.length, depth })
    const [row] = (await planned(sql, statement)) as [FoundRow]
    return { ...row, lists: toLists(parts, row.hits) }
  }

  return {
    /**
     * Asks every signal for its best uploads, up to `depth` of each, and counts them. Where a user has very many vectors
     * of a model only those are compared whose sketches are nearest or, when filters leave few of them, all of these.
     */
    async find(scope: SearchScope, query: SearchQuery, depth: number): Promise<Found> {
      const start = await begin(scope, query)
      const { until } = start
      const sketched = start.crowded.length > 0 && depth <= SKETCHED_DEPTH_MAX
      const first = await ask({ ...scope, until }, query, depth, { start, way: sketched ? 'sketches' : 'all' })
      const { lists, total, mostByWords } = first.tooFew
        ? await ask({ ...scope, until }, query, depth, { start, way: 'filtered' })
        : first
      const allCompared = !sketched || first.tooFew
      return { lists, total, totalIsExact: mostByWords < WORD_MATCHES_MAX && allCompared, until }
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

interface Start extends LibrarySize {
  until: string
  /** tsqueries as their text: all null without a word. */
  anyWord: string | null
  everyWord: string | null
  exactWords: string | null
}

interface Asking {
  start: Start
  way: WayOfMany
}
