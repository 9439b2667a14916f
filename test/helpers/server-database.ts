import { randomBytes } from 'node:crypto'
import postgres from 'postgres'

/**
 * A new database on the PostgreSQL with pgvector that TEST_DATABASE_URL names, whose user may create databases and
 * extensions; undefined without TEST_DATABASE_URL: then the embedded database is used.
 */
export async function createServerDatabase(): Promise<{ url: string; drop(): Promise<void> } | undefined> {
  const server = process.env.TEST_DATABASE_URL
  if (server === undefined) return undefined
  const name = `darkroom_test_${randomBytes(8).toString('hex')}`
  await ask(server, `create database ${name}`)
  const url = new URL(server)
  url.pathname = name
  return { url: url.href, drop: () => ask(server, `drop database ${name} with (force)`) }
}

/** Ends every session of a database, as a restart of its server does. */
export async function endSessions(url: string): Promise<void> {
  await ask(
    url,
    'select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
  )
}

async function ask(url: string, statement: string): Promise<void> {
  const sql = postgres(url, { max: 1, onnotice: () => {} })
  try {
    await sql.unsafe(statement)
  } finally {
    await sql.end()
  }
}
