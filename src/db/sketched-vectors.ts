import type { Logger } from 'pino'
import { toError } from '../errors.ts'
import type { Sql } from './driver.ts'
import { sketch } from './vector-sketch.ts'

/** A statement of some milliseconds: the embedded database has one session for everybody. */
const SKETCHED_AT_ONCE = 200

interface Unsketched {
  uploadId: string
  model: string
  frameMs: number
  part: number
  vector: string
}

/**
 * Gives their sketches to vectors that were stored before there were any. For the background: it never throws, since
 * searches compare vectors meanwhile, and after a failure the next start goes on. Returns how many it made.
 */
export async function sketchOldVectors(sql: Sql, log: Logger): Promise<number> {
  let made = 0
  try {
    for (;;) {
      const count = await sketchSome(sql)
      if (count === 0) break
      if (made === 0) log.info('sketching vectors from before')
      made += count
    }
  } catch (thrown) {
    log.error({ err: toError(thrown) }, 'sketching the vectors from before failed')
  }
  return made
}

async function sketchSome(sql: Sql): Promise<number> {
  const rows = await sql<Unsketched[]>`
    select upload_id, model, frame_ms, part, e.vector::text as vector
    from (select * from vector_sketches where bits is null order by upload_id limit ${SKETCHED_AT_ONCE}) s
    join embeddings e using (upload_id, model, frame_ms, part)`
  const made = rows.map(({ vector, ...place }) => ({
    ...place,
    bits: sketch(Float32Array.from(JSON.parse(vector) as number[])),
  }))
  if (made.length === 0) return 0
  await sql`
    update vector_sketches s set bits = made.bits::bit(1024)
    from unnest(
      ${made.map(({ uploadId }) => uploadId)}::uuid[], ${made.map(({ model }) => model)}::text[],
      ${made.map(({ frameMs }) => frameMs)}::int[], ${made.map(({ part }) => part)}::int[],
      ${made.map(({ bits }) => bits)}::text[]) as made(upload_id, model, frame_ms, part, bits)
    where (s.upload_id, s.model, s.frame_ms, s.part) = (made.upload_id, made.model, made.frame_ms, made.part)`
  return made.length
}
