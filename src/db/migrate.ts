import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Logger } from 'pino'
import { AppError } from '../errors.ts'
import { packageFile } from '../paths.ts'
import type { Sql, TransactionSql } from './driver.ts'

/** The same two steps up from src/db and from dist/db. */
const MIGRATIONS_FOLDER = fileURLToPath(packageFile('migrations'))
const FILE_NAME = /^(\d{4})_\w+\.sql$/
/** "darkroom" in ASCII, cut to 32 bits: one process migrates a database at a time. */
const MIGRATION_LOCK = 0x6461726b

interface Migration {
  version: number
  name: string
  sha256: string
  script: string
}

type AppliedMigration = Pick<Migration, 'version' | 'name' | 'sha256'>

/**
 * Brings the schema up to date with the numbered files of a folder (NNNN_subject.sql), each in a transaction together
 * with its row in `migrations`. Safe to call again, and in several processes at once.
 * @returns the names of the files that were applied by this call, in order
 * @throws AppError SCHEMA_TOO_NEW, or INTERNAL when a file that was applied has been edited or fails
 */
export async function migrate({ sql }: { sql: Sql }, log: Logger, folder = MIGRATIONS_FOLDER): Promise<string[]> {
  const migrations = await loadMigrations(folder)
  // Nearly every start: one question instead of a transaction for each file.
  if (await isUpToDate(sql, migrations)) return []
  const done: string[] = []
  for (const migration of migrations) {
    if (!(await applyOnce(sql, migration, migrations))) continue
    log.info({ migration: migration.name }, 'migration applied')
    done.push(migration.name)
  }
  return done
}

async function isUpToDate(sql: Sql, migrations: Migration[]): Promise<boolean> {
  try {
    const applied = await sql<AppliedMigration[]>`select version, name, sha256 from migrations order by version`
    assertKnown(applied, migrations)
    return applied.length === migrations.length
  } catch (thrown) {
    if (isUndefinedTable(thrown)) return false
    throw thrown
  }
}

function isUndefinedTable(thrown: unknown): boolean {
  return thrown !== null && typeof thrown === 'object' && 'code' in thrown && thrown.code === '42P01'
}

async function loadMigrations(folder: string): Promise<Migration[]> {
  const names = (await readdir(folder)).filter((name) => FILE_NAME.test(name)).sort()
  return Promise.all(
    names.map(async (name) => {
      // A checkout on Windows may have turned the line ends; that is no edit.
      const script = (await readFile(join(folder, name), 'utf8')).replaceAll('\r\n', '\n')
      const sha256 = createHash('sha256').update(script).digest('hex')
      return { version: Number.parseInt(name, 10), name, sha256, script }
    }),
  )
}

async function applyOnce(sql: Sql, migration: Migration, known: Migration[]): Promise<boolean> {
  return sql.begin(async (tx) => {
    const applied = await readApplied(tx)
    assertKnown(applied, known)
    if (applied.some(({ version }) => version === migration.version)) return false
    await runScript(tx, migration)
    const { version, name, sha256 } = migration
    await tx`insert into migrations (version, name, sha256) values (${version}, ${name}, ${sha256})`
    return true
  })
}

/** Waits for other processes that migrate, until the end of the transaction. */
async function readApplied(tx: TransactionSql): Promise<AppliedMigration[]> {
  await tx`select pg_advisory_xact_lock(${MIGRATION_LOCK})`
  const [{ exists }] = await tx<[{ exists: boolean }]>`select to_regclass('migrations') is not null as exists`
  if (!exists) {
    await tx`create table migrations (
      version int primary key, name text not null, sha256 text not null, applied_at timestamptz not null default now())`
  }
  return tx<AppliedMigration[]>`select version, name, sha256 from migrations order by version`
}

function assertKnown(applied: AppliedMigration[], known: Migration[]): void {
  for (const { version, name, sha256 } of applied) {
    const file = known.find((migration) => migration.version === version)
    if (file === undefined) {
      const detail = `The database has the migration ${name}, which this Darkroom does not know. Update this program.`
      throw new AppError('SCHEMA_TOO_NEW', { detail })
    }
    if (file.sha256 !== sha256) {
      const detail = `The migration ${file.name} was edited after it was applied. Restore it and add a new file instead.`
      throw new AppError('INTERNAL', { detail })
    }
  }
}

async function runScript(tx: TransactionSql, { name, script }: Migration): Promise<void> {
  try {
    await tx.unsafe(script)
  } catch (cause) {
    throw new AppError('INTERNAL', { detail: `The migration ${name} failed. Nothing of it was kept.`, cause })
  }
}
