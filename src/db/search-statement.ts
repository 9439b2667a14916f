import type { Signal } from '../schemas/search.ts'
import type { Sql } from './client.ts'
import {
  candidatesFor,
  type Fragment,
  measureFiltered,
  measureSketched,
  nearestSketches,
  ofScan,
  scanVectors,
  sketchesFor,
  type VectorQuery,
} from './search-vectors.ts'

/** One upload that a signal found, and how well. */
export interface SignalHit {
  uploadId: string
  score: number
  /** Its place among the candidates where not all vectors were compared, from 1; 0 or absent where all were. */
  candidate?: number
}

/** The best uploads by one measure, the best first. */
export interface SignalList {
  signal: Signal
  hits: SignalHit[]
}

/** One signal: a statement that gives `upload_id`, `score` and `candidate`. */
export interface Part {
  signal: Signal
  rows: Fragment
}

/**
 * How a model is asked of which the user has very many vectors: the nearest by sketch, those of the uploads that pass
 * the filters, or all.
 */
export type WayOfMany = 'sketches' | 'filtered' | 'all'

interface VectorScope {
  userId: string
  /** Models of which the user has very many vectors. */
  many: ReadonlySet<string>
  way: WayOfMany
  depth: number
  /** On uploads as `u`. */
  condition: Fragment
}

interface VectorParts {
  parts: Part[]
  /** Tables that the parts read, for the beginning of the statement. */
  tables: Fragment[]
  /** Whether the filters left too few of the nearest sketches. */
  tooFew: Fragment
}

/** Every vector query as a part. Spaces with few vectors are read together, in one pass. */
export function vectorParts(sql: Sql, queries: readonly VectorQuery[], scope: VectorScope): VectorParts {
  const scanned = queries.filter(({ model }) => scope.way === 'all' || !scope.many.has(model))
  const tables = scanned.length === 0 ? [] : [sql`near as materialized (${scanVectors(sql, scope.userId, scanned)})`]
  const tooFew: Fragment[] = []
  const parts = queries.map((query, place): Part => {
    const { signal, floor } = query
    if (scanned.includes(query)) return { signal, rows: ofScan(sql, scanned.indexOf(query), scope.condition) }
    const measured = sql(`measured_${place}`)
    const many = partOfMany(sql, query, place, scope)
    tables.push(...many.tables)
    tooFew.push(many.tooFew)
    const rows = sql`
      select upload_id, max(score) as score, min(candidate) as candidate from ${measured}
      where score >= ${floor} group by upload_id`
    return { signal, rows }
  })
  return { parts, tables, tooFew: tooFew.length === 0 ? sql`false` : joined(sql, tooFew, sql` or `) }
}

/** The table `measured_<place>` of one query, with what it is made of. */
function partOfMany(sql: Sql, query: VectorQuery, place: number, { userId, way, depth, condition }: VectorScope) {
  const measured = sql(`measured_${place}`)
  if (way === 'filtered') {
    return {
      tables: [sql`${measured} as materialized (${measureFiltered(sql, query, condition)})`],
      tooFew: sql`false`,
    }
  }
  const sketched = sql(`sketched_${place}`)
  return {
    tables: [
      sql`${sketched} as materialized (${nearestSketches(sql, userId, query, depth)})`,
      sql`${measured} as materialized (${measureSketched(sql, query, { sketched: sql`${sketched}`, depth, condition })})`,
    ],
    // The cheap count first: most of the time the other is not needed.
    tooFew: sql`((select count(*) from ${measured}) < ${candidatesFor(depth) / 2}
      and (select count(*) from ${sketched}) = ${sketchesFor(depth)})`,
  }
}

export interface FoundRow {
  hits: [list: number, uploadId: string, score: number, candidate: number][]
  /** Distinct uploads that any part found. */
  total: number
  /** What the part of words that found most has found. */
  mostByWords: number
  tooFew: boolean
}

interface Gathering extends VectorParts {
  /** How many of the parts, the first ones, are of words. */
  wordParts: number
  depth: number
}

/** The best of every part, and how many uploads they are together: one row. */
export function gather(sql: Sql, { parts, tables, tooFew, wordParts, depth }: Gathering): Fragment {
  const each = parts.map(({ rows }, list) => sql`select ${list}::int as list, part.* from (${rows}) as part`)
  const found = sql`found as materialized (${joined(sql, each, sql` union all `)})`
  const byEach = Array.from({ length: wordParts }, (_, list) => sql`, count(*) filter (where list = ${list}::int)`)
  const mostByWords = sql`greatest(0${byEach.length === 0 ? sql`` : byEach})`
  return sql`
    with ${joined(sql, [...tables, found], sql`, `)}, ranked as (
      select list, upload_id, score, candidate,
        row_number() over (partition by list order by score desc, upload_id desc) as rank
      from found
    )
    select
      (select coalesce(json_agg(json_build_array(list, upload_id, score, candidate) order by list, rank), '[]')
        from ranked where rank <= ${depth}) as hits,
      counted.*, ${tooFew} as too_few
    from (
      select count(distinct upload_id) as total, ${mostByWords} as most_by_words from found
    ) as counted`
}

/** At least one fragment: the driver takes an empty list for a parameter. */
function joined(sql: Sql, fragments: readonly Fragment[], between: Fragment): Fragment {
  return sql`${fragments.map((fragment, place) => (place > 0 ? sql`${between}${fragment}` : fragment))}`
}

export function toLists(parts: readonly Part[], hits: FoundRow['hits']): SignalList[] {
  const lists = parts.map(({ signal }): SignalList => ({ signal, hits: [] }))
  for (const [list, uploadId, score, candidate] of hits) lists[list]?.hits.push({ uploadId, score, candidate })
  return lists
}
