import type { Sql } from './client.ts'
import type { Fragment } from './search-vectors.ts'

/** The rows of a statement that is planned for these very words and this very user: a plan for any reads everybody's. */
export async function planned<Row extends object>(sql: Sql, statement: Fragment): Promise<Row[]> {
  // The one session of the embedded database does everything in the order in which it is asked, so that it needs no
  // transaction: while one goes back and forth, everybody else waits.
  if (sql.options.max === 1) {
    const [, rows] = await Promise.all([
      sql`set plan_cache_mode = force_custom_plan`,
      sql<Row[]>`${statement}`,
      sql`reset plan_cache_mode`,
    ])
    return rows
  }
  return sql.begin(async (tx) => {
    const [, rows] = await Promise.all([tx`set local plan_cache_mode = force_custom_plan`, tx<Row[]>`${statement}`])
    return rows
  }) as Promise<Row[]>
}
