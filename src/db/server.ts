import type { Logger } from 'pino'
import postgres from 'postgres'
import type { Sql } from './driver.ts'
import { driverOptions } from './driver.ts'

/** A PostgreSQL server that somebody else runs. */
export async function openServer(url: string, log: Logger) {
  const sql: Sql = postgres(url, driverOptions(log))
  return {
    kind: 'postgres' as const,
    sql,
    async ping() {
      await sql`select 1`
    },
    async close() {
      await sql.end({ timeout: 5 })
    },
  }
}
