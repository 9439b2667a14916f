import type * as ClientModule from '#src/db/client.js'
import { silent } from '../../helpers/database.ts'

/** The database of a server that has ended, opened by the built program: its thread starts from JavaScript. */
export async function openAfterwards(dataDir: string): Promise<ClientModule.Database> {
  const built = '../../../dist/db/client.js'
  const { openDatabase } = (await import(built)) as typeof ClientModule
  return openDatabase({ databaseUrl: process.env.DATABASE_URL, dataDir }, silent)
}
