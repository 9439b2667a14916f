import type { Logger } from 'pino'
import postgres from 'postgres'
import { AppError, toError } from '../errors.ts'
import { driverOptions, type Sql } from './driver.ts'
import { claimServer } from './server-claim.ts'

/** PostgreSQL 15 is the oldest that the SQL of this program is written for and tested with. */
const OLDEST_VERSION = 150_000
const POOL_SIZE = 10
const CLOSE_TIMEOUT_SECONDS = 5
/** Sessions of PostgreSQL gather memory; a fresh one now and then gives it back. */
const POOL_LIFETIME_SECONDS = 45 * 60
/** PostgreSQL's code for "you may not do that". */
const INSUFFICIENT_PRIVILEGE = '42501'

/**
 * A PostgreSQL that somebody else runs, checked before anything relies on it.
 * @throws AppError DATABASE_UNAVAILABLE, PGVECTOR_MISSING, DATA_DIR_LOCKED when another Darkroom uses the database
 */
export async function openServer(url: string, log: Logger) {
  const sql = connect(url, POOL_SIZE, log)
  try {
    await assertVersion(sql)
    await ensureVector(sql)
    const claim = await claimServer((onclose) => connect(url, 1, log, onclose), log)
    return {
      kind: 'postgres' as const,
      sql,
      async ping() {
        claim.assertHeld()
        await sql`select 1`
      },
      async close() {
        await sql.end({ timeout: CLOSE_TIMEOUT_SECONDS })
        await claim.release()
      },
    }
  } catch (thrown) {
    await sql.end({ timeout: 0 })
    if (thrown instanceof AppError) throw thrown
    const detail = `The database of DATABASE_URL cannot be used: ${toError(thrown).message}`
    throw new AppError('DATABASE_UNAVAILABLE', { detail, cause: thrown })
  }
}

function connect(url: string, max: number, log: Logger, onclose: () => void = () => {}): Sql {
  return postgres(url, {
    ...driverOptions(log),
    max,
    onclose,
    // The claim is tied to its connection, which therefore lives as long as the process.
    max_lifetime: max === 1 ? null : POOL_LIFETIME_SECONDS,
  })
}

async function assertVersion(sql: Sql): Promise<void> {
  const [row] = await sql<[{ number: number; name: string }]>`
    select current_setting('server_version_num')::int as number, current_setting('server_version') as name`
  if (row.number >= OLDEST_VERSION) return
  const detail = `The database of DATABASE_URL is PostgreSQL ${row.name}. Darkroom needs 15 or later.`
  throw new AppError('DATABASE_UNAVAILABLE', { detail })
}

/** Creates the extension if this user may, so that what is missing is said here and not by a failing migration. */
async function ensureVector(sql: Sql): Promise<void> {
  const [row] = await sql<[{ major: number; available: boolean; installed: boolean }]>`
    select current_setting('server_version_num')::int / 10000 as major,
           exists (select 1 from pg_available_extensions where name = 'vector') as available,
           exists (select 1 from pg_extension where extname = 'vector') as installed`
  if (row.installed) return
  if (!row.available) throw notInstalled(row.major)
  try {
    await sql`create extension if not exists vector`
  } catch (thrown) {
    if (thrown instanceof postgres.PostgresError && thrown.code === INSUFFICIENT_PRIVILEGE) throw notAllowed(thrown)
    throw thrown
  }
}

function notInstalled(major: number): AppError {
  return new AppError('PGVECTOR_MISSING', {
    detail:
      'PostgreSQL has no pgvector extension. Install it where the database runs: on Debian and Ubuntu the package is ' +
      `postgresql-${major}-pgvector, from the PostgreSQL project's own package repository.`,
  })
}

function notAllowed(cause: Error): AppError {
  return new AppError('PGVECTOR_MISSING', {
    detail:
      'The user of DATABASE_URL may not create the pgvector extension. ' +
      'Let a superuser run this in the same database, once: create extension vector',
    cause,
  })
}
