import { createHash } from 'node:crypto'
import type { Logger } from 'pino'
import type { Database } from './client.ts'
import type { Sql } from './driver.ts'

/** Vectors of one model from which on an index is built. Chosen, not measured: below, a scan of one user is quick enough. */
const INDEX_MIN_VECTORS = 50_000
/** Up to so many vectors of one user are compared one by one even where there is an index: that is exact. */
export const SCAN_MAX_VECTORS = 20_000
/** pgvector indexes the type `vector` up to this. */
const DIMENSIONS_MAX = 2000

export interface VectorIndex {
  model: string
  dimensions: number
  vectors: number
}

export type VectorIndexes = ReturnType<typeof createVectorIndexes>

/**
 * An HNSW index per model, over its vectors only and cast to its dimension. Only where building one disturbs nobody: a
 * PostgreSQL server builds it beside the other sessions. The embedded database has one session, which a build holds:
 * over 100,000 vectors of 512 numbers it ended, twice, with a lost connection after minutes. It compares one by one.
 */
export function createVectorIndexes({ sql, kind }: Pick<Database, 'sql' | 'kind'>) {
  let known: ReadonlyMap<string, number> = new Map()

  /** Reads which indexes are complete; call it before the first search. */
  async function load(): Promise<void> {
    const rows = await sql<{ model: string; dimensions: number }[]>`
      select d.description::json ->> 'model' as model, (d.description::json ->> 'dimensions')::int as dimensions
      from pg_index i join pg_description d on d.objoid = i.indexrelid
      where i.indrelid = 'embeddings'::regclass and i.indisvalid and d.description like '{"model"%'`
    known = new Map(rows.map(({ model, dimensions }) => [model, dimensions]))
  }

  return {
    load,

    /** The dimension of the index to use for a user's vectors; undefined when comparing one by one is better. */
    async dimensionFor(userId: string, model: string): Promise<number | undefined> {
      const dimensions = known.get(model)
      if (dimensions === undefined) return undefined
      const [row] = await sql<[{ count: number }]>`
        select count(*) from (
          select from embeddings where model = ${model} and user_id = ${userId} limit ${SCAN_MAX_VECTORS + 1}
        ) owned`
      return row.count > SCAN_MAX_VECTORS ? dimensions : undefined
    },

    /**
     * Builds what is missing, one after another; minutes, once, when a library has outgrown comparing one by one. For
     * the background: never throws, since searches work meanwhile and after a failure. Returns what was built.
     */
    async build(log: Logger, minVectors = INDEX_MIN_VECTORS): Promise<VectorIndex[]> {
      const built: VectorIndex[] = []
      try {
        if (kind === 'embedded' || !(await canScanOn(sql))) return built
        for (const index of (await countVectors(sql)).filter(isWorthIt)) {
          log.info(index, 'building a vector index')
          await buildIndex(sql, index)
          built.push(index)
        }
        await load()
      } catch (err) {
        log.error({ err }, 'building the vector indexes failed')
      }
      return built

      function isWorthIt({ model, vectors, dimensions }: VectorIndex): boolean {
        return vectors >= minVectors && dimensions <= DIMENSIONS_MAX && !known.has(model)
      }
    },
  }
}

/** From pgvector 0.8 on a walk goes on until enough has passed the filters. Without that an index loses hits. */
async function canScanOn(sql: Sql): Promise<boolean> {
  const [row] = await sql<{ can: boolean }[]>`
    select string_to_array(extversion, '.')::int[] >= array[0, 8] as can from pg_extension where extname = 'vector'`
  return row?.can ?? false
}

async function countVectors(sql: Sql): Promise<VectorIndex[]> {
  return sql<VectorIndex[]>`
    select model, count(*) as vectors, max(vector_dims(vector)) as dimensions from embeddings
    group by model having min(vector_dims(vector)) = max(vector_dims(vector))`
}

/** Names and texts of such a statement cannot be parameters; both are written by this program, and quoted all the same. */
export async function buildIndex(sql: Sql, { model, dimensions }: Omit<VectorIndex, 'vectors'>, concurrently = true) {
  const name = `embeddings_near_${createHash('sha256').update(model).digest('hex').slice(0, 16)}`
  // One that was interrupted is left behind invalid.
  await sql.unsafe(`drop index if exists ${name}`)
  await sql.unsafe(`
    create index ${concurrently ? 'concurrently' : ''} ${name} on embeddings
    using hnsw ((vector::vector(${dimensions})) vector_ip_ops) where model = ${quote(model)}`)
  await sql.unsafe(`comment on index ${name} is ${quote(JSON.stringify({ model, dimensions }))}`)
}

/** A text as SQL writes it. */
export const quote = (text: string) => `'${text.replaceAll("'", "''")}'`
