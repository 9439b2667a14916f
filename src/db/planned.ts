import type { Sql } from './client.ts'
import type { Fragment } from './search-vectors.ts'

/** The rows of a statement that is planned for these very words and this very user: a plan for any reads everybody's. */
export function planned<Row extends object>(sql: Sql, statement: Fragment): Promise<Row[]> {
  return sql.begin(async (tx) => {
    const [, rows] = await Promise.all([tx`set local plan_cache_mode = force_custom_plan`, tx<Row[]>`${statement}`])
    return rows
  }) as Promise<Row[]>
}
