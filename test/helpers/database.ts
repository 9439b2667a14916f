import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { cp, mkdir, mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Logger, pino } from 'pino'
import type { Test } from 'tap'
import { type Database, openDatabase } from '#src/db/client.js'
import { migrate } from '#src/db/migrate.js'
import { createServerDatabase } from './server-database.ts'

const MIGRATIONS = fileURLToPath(new URL('../../migrations', import.meta.url))
const CACHE = fileURLToPath(new URL('../../node_modules/.cache/darkroom-test', import.meta.url))

export const silent: Logger = pino({ level: 'silent' })

/** A real database with the schema in place and a data folder of its own, closed and removed when the test ends. */
export async function openTestDatabase(t: Test): Promise<Database & { dataDir: string }> {
  const { dataDir, databaseUrl } = await createDataDir(t)
  const database = await openDatabase({ databaseUrl, dataDir }, silent)
  t.teardown(() => database.close())
  if (databaseUrl !== undefined) await migrate(database, silent)
  return { ...database, dataDir }
}

/** The same, and always the embedded one. */
export async function openEmbeddedDatabase(t: Test): Promise<Database> {
  const dataDir = await mkdtemp(join(tmpdir(), 'darkroom-test-'))
  t.teardown(() => rm(dataDir, { recursive: true, force: true }))
  await copyTemplate(dataDir)
  const database = await openDatabase({ databaseUrl: undefined, dataDir }, silent)
  t.teardown(() => database.close())
  return database
}

/**
 * A data folder with an embedded database in it, or, when the tests are run on a PostgreSQL (see `createServerDatabase`),
 * an empty one and the URL of a new database there. Removed when the test ends.
 */
export async function createDataDir(t: Test): Promise<{ dataDir: string; databaseUrl: string | undefined }> {
  const dataDir = await mkdtemp(join(tmpdir(), 'darkroom-test-'))
  t.teardown(() => rm(dataDir, { recursive: true, force: true }))
  const database = await createServerDatabase()
  if (database === undefined) await copyTemplate(dataDir)
  else t.teardown(() => database.drop())
  return { dataDir, databaseUrl: database?.url }
}

/**
 * Lays an embedded database with the schema in place into a data folder. Making one takes seconds, so it is made once
 * per machine and schema and copied from then on.
 */
export async function copyTemplate(dataDir: string): Promise<void> {
  await cp(await prepareTemplate(), dataDir, { recursive: true })
}

/** The data folder that is copied. Test files that make it at the same time do it twice, and one of them wins. */
async function prepareTemplate(): Promise<string> {
  const template = join(CACHE, await templateName())
  if (existsSync(template)) return template
  await mkdir(CACHE, { recursive: true })
  const making = await mkdtemp(join(CACHE, 'making-'))
  const database = await openDatabase({ databaseUrl: undefined, dataDir: making }, silent)
  await migrate(database, silent)
  await database.close()
  await rename(making, template).catch(async (thrown) => {
    await rm(making, { recursive: true, force: true })
    if (!existsSync(template)) throw thrown
  })
  return template
}

async function templateName(): Promise<string> {
  const hash = createHash('sha256')
  const { resolve } = createRequire(import.meta.url)
  hash.update(await readFile(fileURLToPath(new URL('../package.json', `file://${resolve('@electric-sql/pglite')}`))))
  for (const name of (await readdir(MIGRATIONS)).sort())
    hash.update(name).update(await readFile(join(MIGRATIONS, name)))
  return hash.digest('hex').slice(0, 16)
}
