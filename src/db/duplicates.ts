import type { Sql, TransactionSql } from './client.ts'

/** Two uploads that are likely copies, the older id first. */
export interface LikelyPair {
  firstId: string
  secondId: string
  similarity: number
}

/**
 * Bits of 64 in which copies may differ. Four parts of 16 bits, each looked for with at most one bit wrong: of two hashes
 * that differ in no more than seven, one part differs in at most one (pigeonhole), so that none is missed.
 */
const HASH_DISTANCE_MAX = 7

/**
 * Cosine of the pictures from which they count as copies. Measured with the basic pack: altered copies (smaller,
 * compressed harder, brighter, grey) lie above, and the closest two different pictures of 61 at .877.
 */
const SIMILARITY_MIN = 0.95

/**
 * Blank pictures all have one hash: of so many with the same part, the oldest and as many of the newest, nobody looks at
 * more of them one by one.
 */
const CANDIDATES_MAX = 50

/**
 * So many of the oldest and of the newest copies are linked, or a library of one picture would have the square of it in
 * links. By the oldest all copies hang together, by the newest also when the oldest are gone.
 */
const LINKS_MAX = 10

/**
 * For a statement that changed a perceptual hash: common table expressions, to follow `ours` with the row (id, user_id,
 * perceptual_hash), that remember where the hash is found. To be kept before the vectors are: of two uploads at once the
 * later one then sees both.
 */
export const keepBands = (sql: Sql | TransactionSql) => sql`
  bands as (
    select user_id, id, band::smallint as band, ((perceptual_hash >> (16 * band)) & 65535)::int as value
    from ours, generate_series(0, 3) as band where perceptual_hash is not null
  ), forgotten_bands as (
    delete from picture_bands b using ours
    where b.upload_id = ours.id and (b.band, b.value) not in (select band, value from bands)
  ), kept_bands as (
    insert into picture_bands (user_id, band, value, upload_id) select user_id, band, value, id from bands
    on conflict do nothing
  )`

/** Finds the likely copies of an upload among those of its owner, by index: the cost does not grow with their number. */
export async function linkCopies(sql: Sql, uploadId: string): Promise<void> {
  await sql`
    with own as (
      select id, user_id, perceptual_hash as hash from uploads where id = ${uploadId} and perceptual_hash is not null
    ), probes as (
      select user_id, band::smallint as band,
        ((hash >> (16 * band)) & 65535)::int # case when bit < 0 then 0 else 1 << bit end as value
      from own, generate_series(0, 3) as band, generate_series(-1, 15) as bit
    ), candidates as (
      -- The inner limits make every probe two looks into the index, whatever the planner knows of a table that grows fast.
      select distinct found.upload_id from probes p cross join lateral (
        (select b.upload_id from picture_bands b where b.user_id = p.user_id and b.band = p.band and b.value = p.value
          order by b.upload_id limit ${CANDIDATES_MAX})
        union all
        (select b.upload_id from picture_bands b where b.user_id = p.user_id and b.band = p.band and b.value = p.value
          order by b.upload_id desc limit ${CANDIDATES_MAX})
      ) as found where found.upload_id <> ${uploadId}
    ), near as (
      select u.id, u.user_id, row_number() over (order by u.id) as oldest, row_number() over (order by u.id desc) as newest
      from candidates c join uploads u on u.id = c.upload_id, own
      where bit_count((u.perceptual_hash # own.hash)::bit(64)) <= ${HASH_DISTANCE_MAX}
    ), pairs as (
      select near.user_id, least(near.id, ${uploadId}::uuid) as first_id, greatest(near.id, ${uploadId}::uuid) as second_id,
        max(1 - (a.vector <=> b.vector)) as similarity
      from near
      join embeddings a on a.upload_id = ${uploadId} and a.frame_ms >= 0
      join embeddings b on b.upload_id = near.id and b.model = a.model and b.frame_ms >= 0
      where least(near.oldest, near.newest) <= ${LINKS_MAX}
      group by near.user_id, near.id
      having max(1 - (a.vector <=> b.vector)) >= ${SIMILARITY_MIN}
    ), forgotten as (
      delete from likely_copies
      where (first_id = ${uploadId} or second_id = ${uploadId}) and dismissed_at is null
        and (first_id, second_id) not in (select first_id, second_id from pairs)
    )
    insert into likely_copies (user_id, first_id, second_id, similarity)
    select user_id, first_id, second_id, similarity from pairs
    -- In one order everywhere: two transactions never wait for each other.
    order by 2, 3
    on conflict (first_id, second_id) do update set similarity = excluded.similarity`
}

export type DuplicateStore = ReturnType<typeof createDuplicateStore>

export function createDuplicateStore(sql: Sql) {
  return {
    /** Pairs of which neither is in the trash, the newest first. */
    async list(userId: string, limit: number): Promise<LikelyPair[]> {
      return sql<LikelyPair[]>`
        select p.first_id, p.second_id, p.similarity from likely_copies p
        join uploads a on a.id = p.first_id join uploads b on b.id = p.second_id
        where p.user_id = ${userId} and p.dismissed_at is null and a.trashed_at is null and b.trashed_at is null
        order by p.second_id desc, p.first_id limit ${limit}`
    },

    /** Remembers that none of these is a copy of another. The number of pairs. */
    async dismiss(userId: string, ids: readonly string[]): Promise<number> {
      const { count } = await sql`
        update likely_copies set dismissed_at = now()
        where user_id = ${userId} and dismissed_at is null
          and first_id = any(${ids as string[]}::uuid[]) and second_id = any(${ids as string[]}::uuid[])`
      return count
    },
  }
}
