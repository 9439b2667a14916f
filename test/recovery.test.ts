import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { v7 as uuidv7 } from 'uuid'
import { openDatabase } from '#src/db/client.js'
import type { BatchDetail } from '#src/schemas/batches.js'
import type { StageRun, Upload } from '#src/schemas/uploads.js'
import { startServer } from '../demo/server-process.ts'
import { openClient } from './helpers/client.ts'
import { copyTemplate, silent } from './helpers/database.ts'
import { type Bytes, picture } from './helpers/samples.ts'
import { until } from './helpers/until.ts'

/**
 * One library whose server, made by `npm run build`, is ended in one way after another: each test goes on with what the
 * one before it left.
 */
const dataDir = await mkdtemp(join(tmpdir(), 'darkroom-recovery-'))
t.teardown(() => rm(dataDir, { recursive: true, force: true }))
await copyTemplate(dataDir)
const start = () => startServer(dataDir)
let server = await start()
t.teardown(() => server.kill())
let client = await openClient(server.address, 'ann')

async function startAgain(): Promise<void> {
  server = await start()
  client = await openClient(server.address, 'ann')
}

const userId = async () => (await client.call<{ user: { id: string } }>('GET', '/v1/auth/me')).body.user.id
const folders = async () => readdir(join(dataDir, 'media', await userId()))

const pictures = (first: number, count: number): Promise<[string, Bytes][]> =>
  Promise.all(
    Array.from(
      { length: count },
      async (_, index) => [`p${index}.png`, await picture(first + index)] as [string, Bytes],
    ),
  )

async function stagesOf(id: string): Promise<StageRun[]> {
  return (await client.call<{ items: StageRun[] }>('GET', `/v1/uploads/${id}/stages`)).body.items
}

t.test('kill -9 in the middle of a batch loses nothing, doubles nothing, and the next start goes on', async (t) => {
  const files = await pictures(1000, 6)
  const { body: handed } = await client.batch(files)
  const { body: single } = await client.upload(await picture(2000), 'single.png')
  const watch = await client.watch()
  let completed = 0
  await watch.until(({ action }) => action === 'upload_completed' && ++completed === 2)
  await server.kill()
  await startAgain()
  const { batch, items } = await client.finished(handed.batch.id)
  t.match(batch, { status: 'completed', counts: { total: 6, succeeded: 6, failed: 0, waiting: 0 } })
  t.equal((await client.developed(single.id)).status, 'completed')

  const uploads: Upload[] = []
  for (const { position, upload_id: id } of items) {
    const { body: upload } = await client.call<Upload>('GET', `/v1/uploads/${id}`)
    const stored = new Uint8Array(await (await client.bytes(`/v1/uploads/${id}/file`)).arrayBuffer())
    t.equal(createHash('sha256').update(stored).digest('hex'), upload.sha256, `${upload.filename} is intact`)
    t.same(stored, files[position]?.[1])
    const done = (await stagesOf(upload.id)).filter(({ outcome }) => outcome !== 'failed').map(({ stage }) => stage)
    t.same(done, ['probe', 'thumbnail', 'analyze', 'embed', 'index'], `${upload.filename} passed each stage once`)
    t.ok(upload.attempts <= 2)
    uploads.push(upload)
  }
  const order = uploads.map(({ processed_at: at }) => at)
  t.same(order, [...order].sort(), 'in the order of the batch')
  t.equal((await folders()).length, 7, 'no file without a row')
})

t.test('SIGTERM in the middle exits 0, does not count the attempt, and the next start goes on', async (t) => {
  const { body: handed } = await client.batch(await pictures(2100, 4))
  const watch = await client.watch()
  await watch.until(({ action }) => action === 'upload_completed')
  t.equal(await server.stop(), 0)
  t.equal((await watch.closed).code, 1001, 'clients are told that the server goes away')

  await startAgain()
  const { batch, items } = await client.finished(handed.batch.id)
  t.match(batch, { status: 'completed', counts: { succeeded: 4 } })
  for (const { upload_id: id } of items) {
    t.equal((await client.call<Upload>('GET', `/v1/uploads/${id}`)).body.attempts, 1)
  }
})

t.test('a file that ended the process in both attempts is given up, and files without a row are swept', async (t) => {
  const { body: fatal } = await client.upload(await picture(3000))
  const { body: interrupted } = await client.upload(await picture(3001))
  const { body: forgotten } = await client.upload(await picture(3002))
  for (const { id } of [fatal, interrupted, forgotten]) await client.developed(id)
  await server.stop()

  // What a process leaves that is killed while it develops: leased rows with the attempt counted.
  const database = await openDatabase({ databaseUrl: undefined, dataDir }, silent)
  const { sql } = database
  await sql`alter table uploads disable trigger uploads_status_guard`
  await sql`update uploads set status = 'analyzing', next_stage = 'analyze', leased_by = ${uuidv7()}, attempts = 2 where id = ${fatal.id}`
  await sql`update uploads set status = 'embedding', next_stage = 'embed', leased_by = ${uuidv7()}, attempts = 1 where id = ${interrupted.id}`
  await sql`alter table uploads enable trigger uploads_status_guard`
  await sql`delete from uploads where id = ${forgotten.id}`
  await database.close()

  await startAgain()
  t.match(await client.developed(fatal.id), { status: 'failed', error_code: 'PROCESSING_CRASHED', attempts: 2 })
  t.match(await client.developed(interrupted.id), { status: 'completed', attempts: 2 })
  const stages = (await stagesOf(interrupted.id)).map(({ stage }) => stage)
  t.same(stages.slice(5), ['embed', 'index'], 'the second attempt begins where the first was interrupted')
  await until(async () => !(await folders()).includes(forgotten.id))
  t.notOk((await folders()).includes(forgotten.id))
  t.equal((await readdir(join(dataDir, 'orphans'))).length, 1, 'and kept aside for a while')

  const retried = await client.call<Upload>('POST', `/v1/uploads/${fatal.id}/regenerate-description`)
  t.equal(retried.status, 202, 'its owner may try again')
  t.equal((await client.developed(fatal.id)).status, 'completed')
  const again = await client.call<BatchDetail>('POST', '/v1/batches', { upload_ids: [fatal.id] })
  t.equal((await client.finished(again.body.batch.id)).batch.counts.succeeded, 1)
})

t.test('a second process on the same data folder gets one clear sentence', async (t) => {
  await t.rejects(start(), /did not start/)
  t.equal((await fetch(`${server.address}/health`)).status, 200, 'the first is not disturbed')
})

t.test('a start with another database leaves the files alone, and begins one afresh that was half made', async (t) => {
  const { body: upload } = await client.upload(await picture(4000))
  await client.developed(upload.id)
  const original = join(dataDir, 'media', await userId(), upload.id, 'original.png')
  await server.stop()
  t.ok(existsSync(original))

  await rm(join(dataDir, 'database'), { recursive: true })
  // What a first start leaves that is killed half-way.
  await mkdir(join(dataDir, 'database.new', 'base'), { recursive: true })
  await writeFile(join(dataDir, 'database.new', 'PG_VERSION'), '18')
  await startAgain()
  const { body: other } = await client.upload(await picture(4001))
  await client.developed(other.id)
  t.ok(existsSync(original), 'its row is in the database that is not there today')
  t.notOk(existsSync(join(dataDir, 'database.new')))
})
