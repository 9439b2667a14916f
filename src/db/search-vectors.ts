import type { Signal } from '../schemas/search.ts'
import type { Sql } from './client.ts'
import type { exactWords } from './search-text.ts'
import { sketch } from './vector-sketch.ts'

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

/** Numbers of 24 bits have no more. Written out in full they take twice as long to read. */
const FLOAT_DIGITS = 8

/** pgvector's text form of a vector at length 1. Of such vectors the inner product is the cosine, for less work. */
export function unitLiteral(vector: Float32Array): string {
  const length = Math.hypot(...vector) || 1
  return `[${Array.from(vector, (value) => (value / length).toPrecision(FLOAT_DIGITS)).join(',')}]`
}

const framesOf = (sql: Sql, { signal }: VectorQuery) =>
  signal === 'description' ? sql`e.frame_ms < 0` : sql`e.frame_ms >= 0`

/** Whole numbers up to this are exact in the 32-bit floats of a stored vector. */
const UNIT = 2 ** 24

/**
 * A vector of length UNIT, in whole numbers: PostgreSQL reads a list of them four times as fast as one of fractions,
 * which is as long as all else of a small search. Rounding changes a cosine by less than a millionth.
 */
function wholeNumbers(sql: Sql, vector: Float32Array): Fragment {
  const length = Math.hypot(...vector) || 1
  return sql`${Array.from(vector, (value) => Math.round((value / length) * UNIT))}::int4[]::vector`
}

/** The cosine of a stored vector (as `e.vector`) and the closest of some vectors. */
export const cosine = (sql: Sql, vectors: readonly Float32Array[]) =>
  sql`greatest(${vectors.map(
    (vector, place) =>
      sql`${place > 0 ? sql`,` : sql``} -(e.vector <#> ${wholeNumbers(sql, vector)}) / ${UNIT}::float8`,
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
    select near.upload_id, near.score, 0 as candidate from near
    cross join lateral (select from uploads u where u.id = near.upload_id and ${condition} offset 0) as there
    where near.place = ${place}`
}

/**
 * Up to so many vectors of one space and user are compared one by one, which is exact. Above, their sketches are compared
 * first. Chosen, not measured: with 10,000 of each of two spaces both ways took about the same time.
 */
export const COMPARED_MAX = 5000
/** Deeper than this a ranking needs so many vectors that reading all of them in one go takes no longer. */
export const SKETCHED_DEPTH_MAX = 2000
const CANDIDATES_PER_HIT = 5
/** Recall of the ten nearest was 1.00 with so many among 10,000 and 100,000 vectors, and 0.96 and more with 400 among 6,000. */
const CANDIDATES_MIN = 500
/** Sketches that are looked at for one candidate. A filter that leaves half a candidate of so many is applied before. */
const SKETCHES_PER_CANDIDATE = 10

/** How many vectors, nearest by sketch and passing the filters, are compared for the best `depth`. */
export const candidatesFor = (depth: number) => Math.max(CANDIDATES_MIN, CANDIDATES_PER_HIT * depth)

/** How many sketches are looked at to find them. */
export const sketchesFor = (depth: number) => SKETCHES_PER_CANDIDATE * candidatesFor(depth)

/** The sketches nearest to a query, the nearest first. A page of the table holds thirty of them, and four vectors. */
export function nearestSketches(sql: Sql, userId: string, query: VectorQuery, depth: number): Fragment {
  const distances = query.vectors.map(
    (vector, place) => sql`${place > 0 ? sql`,` : sql``} e.bits <~> ${sketch(vector)}::text::bit(1024)`,
  )
  return sql`
    select e.upload_id, e.frame_ms, e.part, least(${distances}) as distance from vector_sketches e
    where e.user_id = ${userId} and e.model = ${query.model} and ${framesOf(sql, query)}
    order by distance limit ${sketchesFor(depth)}`
}

/**
 * The vectors of the sketches (in the table `sketched`) that may be shown, measured. Gives `upload_id`, `score` and
 * `candidate`, the place among the sketches that may be shown, from 1.
 */
export function measureSketched(
  sql: Sql,
  { model, vectors }: VectorQuery,
  { sketched, depth, condition }: { sketched: Fragment; depth: number; condition: Fragment },
): Fragment {
  return sql`
    select nearest.upload_id, measured.score, row_number() over (order by nearest.distance) as candidate
    from (
      select s.* from ${sketched} s
      cross join lateral (select from uploads u where u.id = s.upload_id and ${condition} offset 0) as there
      order by s.distance limit ${candidatesFor(depth)}
    ) as nearest
    cross join lateral (
      select ${cosine(sql, vectors)} as score from embeddings e
      where (e.upload_id, e.model, e.frame_ms, e.part) = (nearest.upload_id, ${model}, nearest.frame_ms, nearest.part) offset 0
    ) as measured`
}

/** Every vector of the uploads that may be shown, measured against its query: where few of very many may be. */
export function measureFiltered(sql: Sql, { model, vectors, ...query }: VectorQuery, condition: Fragment): Fragment {
  return sql`
    select u.id as upload_id, measured.score, 0 as candidate from uploads u
    cross join lateral (
      select ${cosine(sql, vectors)} as score from embeddings e
      where e.upload_id = u.id and e.model = ${model} and ${framesOf(sql, { model, vectors, ...query })} offset 0
    ) as measured
    where ${condition}`
}
