import { createHash } from 'node:crypto'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { StageRun, Upload } from '#src/schemas/uploads.js'
import { startServer } from '../demo/server-process.ts'
import { openClient } from '../test/helpers/client.ts'
import { picture } from '../test/helpers/samples.ts'

/** `kill -9` in the middle of a batch, several times over: what is lost, doubled, or out of order afterwards? */

const FILES = 60
const KILL_AFTER_COMPLETED = [5, 17, 18, 40]

const dataDir = await mkdtemp(join(tmpdir(), 'darkroom-bench-'))
const files = await Promise.all(
  Array.from({ length: FILES }, async (_, index) => [`p${index}.png`, await picture(index)] as const),
)
let server = await startServer(dataDir)
let client = await openClient(server.address, 'bench')
const { body: handed } = await client.batch(files)
const batchPath = `/v1/batches/${handed.batch.id}`

for (const count of KILL_AFTER_COMPLETED) {
  const watch = await client.watch({ type: 'subscribe_batch', batch_id: handed.batch.id })
  await watch.until(({ action, payload }) => action === 'batch_progress' && Number(payload.processed) >= count)
  await server.kill()
  const startedMs = performance.now()
  server = await startServer(dataDir)
  client = await openClient(server.address, 'bench')
  const { body } = await client.call<typeof handed>('GET', batchPath)
  process.stdout.write(
    `killed after ${count}; listening again after ${Math.round(performance.now() - startedMs)} ms, ${body.batch.counts.succeeded} done\n`,
  )
}

const { batch, items } = await client.finished(handed.batch.id)
let damaged = 0
let doubled = 0
let retried = 0
const finishedAt: string[] = []
for (const { upload_id: id } of items) {
  const { body: upload } = await client.call<Upload>('GET', `/v1/uploads/${id}`)
  const bytes = new Uint8Array(await (await client.bytes(`/v1/uploads/${id}/file`)).arrayBuffer())
  if (createHash('sha256').update(bytes).digest('hex') !== upload.sha256) damaged++
  const { body: record } = await client.call<{ items: StageRun[] }>('GET', `/v1/uploads/${id}/stages`)
  const done = record.items.filter(({ outcome }) => outcome === 'done').map(({ stage }) => stage)
  if (new Set(done).size !== done.length) doubled++
  if (upload.attempts > 1) retried++
  finishedAt.push(upload.processed_at ?? '')
}
const inOrder = finishedAt.every((time, index) => index === 0 || time >= (finishedAt[index - 1] ?? ''))
const userId = (await client.call<{ user: { id: string } }>('GET', '/v1/auth/me')).body.user.id
const folders = (await readdir(join(dataDir, 'media', userId))).length
const { succeeded, failed, waiting } = batch.counts
process.stdout.write(
  `${FILES} files, ${KILL_AFTER_COMPLETED.length} kills: ${succeeded} succeeded, ${failed} failed, ${waiting} waiting; ` +
    `${damaged} damaged, ${doubled} with a stage done twice, ${retried} on their second attempt, ` +
    `${folders} folders, ${inOrder ? 'in order' : 'OUT OF ORDER'}\n`,
)
await server.stop()
await rm(dataDir, { recursive: true })
const sound = succeeded === FILES && damaged === 0 && doubled === 0 && folders === FILES && inOrder
process.exitCode = sound ? 0 : 1
