import type { Signal } from '../schemas/search.ts'
import type { Sql } from './client.ts'
import type { exactWords } from './search-text.ts'
import { quote } from './vector-index.ts'

export type Fragment = ReturnType<typeof exactWords>

/** A query in the space of one model. No two queries of a search have both model and signal in common. */
export interface VectorQuery {
  signal: Exclude<Signal, 'exact' | 'text'>
  model: string
  /** One or several, as of the frames of a video: the closest counts. */
  vectors: readonly Float32Array[]
  /** Below this cosine a neighbour is noise. */
  floor: number
}

/** pgvector's text form of a vector at length 1. Of such vectors the inner product is the cosine, for less work. */
export function unitLiteral(vector: Float32Array): string {
  const length = Math.hypot(...vector)
  return `[${(length === 0 ? vector : vector.map((value) => value / length)).join(',')}]`
}

const framesOf = (sql: Sql, { signal }: VectorQuery) =>
  signal === 'description' ? sql`e.frame_ms < 0` : sql`e.frame_ms >= 0`

/** The cosine of a stored vector (as `e.vector`) and the closest of some vectors. */
export const cosine = (sql: Sql, vectors: readonly Float32Array[]) =>
  sql`greatest(${vectors.map(
    (vector, place) => sql`${place > 0 ? sql`,` : sql``} -(e.vector <#> ${unitLiteral(vector)}::vector)`,
  )})`

/**
 * Every vector of the user measured against the query of its model, in one pass: reading them is what takes time. Of
 * several vectors of an upload the closest counts. Gives `place` (of the query), `upload_id`, `score`.
 */
export function scanVectors(sql: Sql, userId: string, queries: readonly VectorQuery[]): Fragment {
  const cases = (value: (query: VectorQuery, place: number) => Fragment) =>
    sql`case ${queries.map(
      (query, place) => sql`when e.model = ${query.model} and ${framesOf(sql, query)} then ${value(query, place)} `,
    )} end`
  return sql`
    select place, upload_id, max(score) as score from (
      select ${cases((_, place) => sql`${place}::int`)} as place, ${cases(({ floor }) => sql`${floor}::float8`)} as floor,
        e.upload_id, ${cases(({ vectors }) => cosine(sql, vectors))} as score
      from embeddings e where e.user_id = ${userId} and e.model = any(${queries.map(({ model }) => model)}) offset 0
    ) as measured
    where score >= floor group by place, upload_id`
}

/** What a scan (as `near`) found for one query and may be shown. It is few: looking it up one by one beats a join. */
export function ofScan(sql: Sql, place: number, condition: Fragment): Fragment {
  return sql`
    select near.upload_id, near.score from near
    cross join lateral (select from uploads u where u.id = near.upload_id and ${condition} offset 0) as there
    where near.place = ${place}`
}

/** Vectors asked of an index for one upload that is wanted: of videos there are several. */
const VECTORS_PER_UPLOAD = 4
/** Candidates that pgvector keeps while it walks the graph; its own is 40. More find more, and take longer. */
const EF_SEARCH = 100
/** How far a walk may go before it gives up on a filter that little passes. pgvector's own is 20,000. */
const MAX_SCAN_TUPLES = 100_000

/** Makes a walk go on until enough has passed the filters, instead of filtering the first few. For one transaction. */
export const ITERATIVE_SCAN = `
  set local hnsw.iterative_scan = relaxed_order; set local hnsw.ef_search = ${EF_SEARCH};
  set local hnsw.max_scan_tuples = ${MAX_SCAN_TUPLES}`

/** The same by the index of the model: the nearest only, so that what lies farther is neither found nor counted. */
export function nearByIndex(
  sql: Sql,
  userId: string,
  query: VectorQuery,
  { dimensions, depth, condition }: { dimensions: number; depth: number; condition: Fragment },
): Fragment {
  // Written out: a plan for any parameter could not use an index of one model.
  const type = sql.unsafe(`vector(${dimensions})`)
  const model = sql.unsafe(quote(query.model))
  const nearest = (vector: Float32Array) => sql`
    (select e.upload_id, -(e.vector::${type} <#> ${unitLiteral(vector)}::${type}) as score
    from embeddings e join uploads u on u.id = e.upload_id
    where e.model = ${model} and e.user_id = ${userId} and ${framesOf(sql, query)} and ${condition}
    order by e.vector::${type} <#> ${unitLiteral(vector)}::${type} limit ${depth * VECTORS_PER_UPLOAD})`
  return sql`
    select upload_id, max(score) as score from (
      ${query.vectors.map((vector, place) => sql`${place > 0 ? sql`union all` : sql``} ${nearest(vector)}`)}
    ) as nearest where score >= ${query.floor} group by upload_id`
}
