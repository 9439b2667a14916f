import type { Logger } from 'pino'
import { isConnectionLost } from '../errors.ts'
import type { Sql } from './driver.ts'

const TICK_MS = 15_000
/** Without checkpoints the write-ahead log grew to 1.6 GB. Half of `max_wal_size` keeps it at that. */
const CHECKPOINT_BYTES = 64 * 1024 ** 2
const VACUUM_EVERY_MS = 10 * 60_000

/** The embedded PostgreSQL runs without checkpointer and autovacuum. This does their work, when something was written. */
export function scheduleMaintenance(sql: Sql, log: Logger) {
  let seenPosition: string | undefined
  let vacuumedAt = Date.now()
  let working = false

  async function tick(): Promise<void> {
    const { position, bytesToRecover } = await findLogPosition(sql)
    if (position === seenPosition) return
    if (bytesToRecover > CHECKPOINT_BYTES) await sql`checkpoint`
    if (Date.now() - vacuumedAt > VACUUM_EVERY_MS) {
      vacuumedAt = Date.now()
      await vacuumChangedTables(sql)
    }
    seenPosition = (await findLogPosition(sql)).position
  }

  async function tickOnce(): Promise<void> {
    if (working) return
    working = true
    try {
      await tick()
    } catch (err) {
      if (isConnectionLost(err)) return
      log.error({ err }, 'the maintenance of the embedded database failed')
    } finally {
      working = false
    }
  }

  const timer = setInterval(tickOnce, TICK_MS)
  timer.unref()
  return { stop: () => clearInterval(timer) }
}

async function findLogPosition(sql: Sql): Promise<{ position: string; bytesToRecover: number }> {
  const [row] = await sql<[{ position: string; bytesToRecover: number }]>`
    select pg_current_wal_insert_lsn()::text as position,
           pg_wal_lsn_diff(pg_current_wal_insert_lsn(), redo_lsn)::float8 as bytes_to_recover
    from pg_control_checkpoint()`
  return row
}

/**
 * Vacuums and analyzes, with the thresholds of autovacuum's analyze, what has changed. Tables with a vector index keep the dead
 * entries in their indexes: cleaning an HNSW index of 50,000 vectors blocked every other query for a minute.
 */
export async function vacuumChangedTables(sql: Sql): Promise<string[]> {
  // Changes are counted by a timer, and in WASM no timer of PostgreSQL ever fires.
  await sql`select pg_stat_force_next_flush()`
  const tables = await sql<{ name: string; hasVectorIndex: boolean }[]>`
    select c.oid::regclass::text as name, exists (
      select 1 from pg_index i join pg_class x on x.oid = i.indexrelid join pg_am a on a.oid = x.relam
      where i.indrelid = c.oid and a.amname in ('hnsw', 'ivfflat')) as has_vector_index
    from pg_class c
    join pg_namespace n on n.oid = c.relnamespace
    join pg_stat_user_tables s on s.relid = c.oid
    where c.relkind = 'r' and n.nspname = 'public'
      and s.n_mod_since_analyze > 50 + 0.1 * greatest(c.reltuples, 0)`
  for (const { name, hasVectorIndex } of tables) {
    await sql.unsafe(`vacuum (analyze, index_cleanup ${hasVectorIndex ? 'off' : 'auto'}) ${name}`)
  }
  return tables.map(({ name }) => name)
}
