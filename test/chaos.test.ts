import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, rm, utimes } from 'node:fs/promises'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { lockDataDir } from '#src/db/data-lock.js'
import type { BatchDetail } from '#src/schemas/batches.js'
import { createDiskStore } from '#src/storage/disk-store.js'
import { copyTemplate } from './helpers/database.ts'
import { picture } from './helpers/samples.ts'
import { killRounds } from './suites/chaos/kill-rounds.ts'
import { launch } from './suites/chaos/server.ts'
import { signUp } from './suites/chaos/user.ts'

/** The quick part of `npm run test:chaos`. These tests end real server processes, made by `npm run build`. */

async function makeFolder(t: Test): Promise<string> {
  const dataDir = await mkdtemp(join(tmpdir(), 'darkroom-chaos-'))
  await copyTemplate(dataDir)
  t.teardown(() => rm(dataDir, { recursive: true, force: true }))
  return dataDir
}

t.test('killed at random moments and stopped in the middle, it keeps what it acknowledged', async (t) => {
  const dataDir = await makeFolder(t)
  const result = await killRounds({ dataDir, rounds: 2, seed: 7, users: 2, fullCheckEvery: 2 })
  t.same(result.violations, [])
  t.equal(result.kills + result.stops, 2)
})

t.test('a turn at the lock whose time lies in the future is one that was left behind', async (t) => {
  const dataDir = await makeFolder(t)
  const turn = join(dataDir, 'run', 'lock.turn')
  await mkdir(turn, { recursive: true })
  const inAnHour = new Date(Date.now() + 3_600_000)
  await utimes(turn, inAnHour, inAnHour)
  const lock = await lockDataDir(dataDir)
  await lock.release()
})

t.test('a folder that its owner deletes while it is set aside ends no sweep', async (t) => {
  const dataDir = await makeFolder(t)
  await t.resolves(createDiskStore(dataDir).setAside('media/somebody/gone'))
})

t.test('a batch that is handed over while the server starts is not sealed early', async (t) => {
  const dataDir = await makeFolder(t)
  const first = launch(dataDir)
  const user = await signUp(await first.ready(), 'early')
  await first.stop()
  const server = launch(dataDir)
  t.teardown(() => server.kill())
  const address = (await server.address) ?? ''
  const boundary = createHash('sha256').update(dataDir).digest('hex')
  const part = async (number: number) =>
    Buffer.concat([
      Buffer.from(`--${boundary}\r\ncontent-disposition: form-data; name="file"; filename="${number}.png"\r\n\r\n`),
      await picture(number),
      Buffer.from('\r\n'),
    ])
  const sending = request(`${address}/v1/batches`, {
    method: 'POST',
    headers: { authorization: user.authorization, 'content-type': `multipart/form-data; boundary=${boundary}` },
  })
  const answered = new Promise<string>((resolve, reject) => {
    sending.on('error', reject)
    sending.on('response', async (response) => resolve(Buffer.concat(await response.toArray()).toString()))
  })
  // The first half arrives before the rows are taken up, the second after.
  sending.write(await part(1))
  await server.ready()
  sending.end(Buffer.concat([await part(2), Buffer.from(`--${boundary}--\r\n`)]))
  const { batch } = JSON.parse(await answered) as BatchDetail
  t.match(batch.counts, { total: 2, accepted: 2 })
  t.equal(await server.stop(), 0)
})
