import type { Logger } from 'pino'
import postgres from 'postgres'

/** Columns come back in camelCase, `bigint` as a number, `timestamptz` as a Date, `vector` as its text. */
export type Sql = postgres.Sql<{ bigint: number }>
/** What `sql.begin` hands to its function. Inside it use only this, never `sql`: the embedded database would deadlock. */
export type TransactionSql = postgres.TransactionSql<{ bigint: number }>

/**
 * What every connection has in common, whichever database is at the other end. `patches/` mends the driver (3.4.9): a
 * transaction keeps its connection for itself at any load, and ends with it when it is lost, instead of the process.
 * @see https://github.com/porsager/postgres/pull/1207
 * @see https://github.com/porsager/postgres/pull/1215
 */
export function driverOptions(log: Logger) {
  return {
    transform: { column: { from: postgres.toCamel, to: postgres.fromCamel } },
    types: {
      // Sizes and counts stay far below 2^53, so a number is exact.
      bigint: {
        to: 20,
        from: [20],
        parse: (text: string) => Number(text),
        serialize: (value: number) => String(value),
      },
      // The driver's own way of text is through a Date, which has no microseconds: a page would begin with what the one
      // before it ended with.
      date: {
        to: 1184,
        from: [1082, 1114, 1184],
        parse: (text: string) => new Date(text),
        serialize: (moment: Date | string) => (typeof moment === 'string' ? moment : moment.toISOString()),
      },
    },
    onnotice: (notice: postgres.Notice) => log.debug({ notice }, 'notice from the database'),
  }
}
