import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t, { type Test } from 'tap'
import { openDatabase } from '#src/db/client.js'
import { copyTemplate, silent } from './helpers/database.ts'

const INSERTER = fileURLToPath(new URL('./helpers/acknowledged-inserts.ts', import.meta.url))

async function createFolder(t: Test): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'darkroom-test-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  return folder
}

t.test('kill -9 loses nothing that was acknowledged', async (t) => {
  const dataDir = await createFolder(t)
  await copyTemplate(dataDir)
  let acknowledged = 0
  const child = fork(INSERTER, [dataDir])
  child.on('message', (id: number) => {
    acknowledged = Math.max(acknowledged, id)
    if (acknowledged >= 50) child.kill('SIGKILL')
  })
  await once(child, 'exit')
  const reopened = await openDatabase({ databaseUrl: undefined, dataDir }, silent)
  const [row] = await reopened.sql`select count(*) as rows, coalesce(max(id), 0) as newest from acknowledged`
  t.ok(acknowledged >= 50)
  t.ok(row?.newest >= acknowledged, `${row?.newest} kept, ${acknowledged} acknowledged`)
  t.equal(row?.rows, row?.newest, 'none is missing in between')
  await reopened.close()
})

t.test('a database opens also where its path is long, and closes twice', async (t) => {
  const dataDir = join(await createFolder(t), 'a'.repeat(60), 'b'.repeat(60))
  await copyTemplate(dataDir)
  const opened = await openDatabase({ databaseUrl: undefined, dataDir }, silent)
  await opened.ping()
  await opened.close()
  await opened.close()
  await t.rejects(opened.ping(), { code: 'DATABASE_UNAVAILABLE' })
})

t.test('the files of another PostgreSQL are refused, and left alone', async (t) => {
  const cases = [
    { version: '17', code: 'DATABASE_UNAVAILABLE' },
    { version: '19', code: 'SCHEMA_TOO_NEW' },
  ]
  for (const { version, code } of cases) {
    const dataDir = await createFolder(t)
    await mkdir(join(dataDir, 'database'))
    await writeFile(join(dataDir, 'database', 'PG_VERSION'), `${version}\n`)
    const message = new RegExp(`PostgreSQL ${version}.*has 18`)
    await t.rejects(openDatabase({ databaseUrl: undefined, dataDir }, silent), { code, message })
  }
})
