import type { Logger } from 'pino'
import type { Config } from '../config.ts'
import { AppError } from '../errors.ts'
import type { Sql } from './driver.ts'
import { openEmbedded } from './embedded.ts'
import { openServer } from './server.ts'

export type { Sql, TransactionSql } from './driver.ts'

export interface Database {
  readonly sql: Sql
  readonly kind: 'embedded' | 'postgres'
  /** Resolves when the database answers. Throws DATABASE_UNAVAILABLE when it does not. */
  ping(): Promise<void>
  /** Waits a moment for what still runs, then closes. Closing twice is closing once. */
  close(): Promise<void>
}

/**
 * Opens the PostgreSQL that DATABASE_URL names, or the one that comes with this program, in the data folder.
 * The data folder must be locked before (`lockDataDir`): two processes in one folder lose rows without an error.
 * @throws AppError DATABASE_UNAVAILABLE, PGVECTOR_MISSING, SCHEMA_TOO_NEW, DATA_DIR_LOCKED (another Darkroom uses DATABASE_URL)
 */
export async function openDatabase(config: Pick<Config, 'databaseUrl' | 'dataDir'>, log: Logger): Promise<Database> {
  const opened =
    config.databaseUrl === undefined
      ? await openEmbedded(config.dataDir, log)
      : await openServer(config.databaseUrl, log)
  let closing: Promise<void> | undefined
  return {
    ...opened,
    async ping() {
      try {
        await opened.ping()
      } catch (cause) {
        throw new AppError('DATABASE_UNAVAILABLE', { cause })
      }
    },
    close() {
      closing ??= opened.close()
      return closing
    },
  }
}
