import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, rm, utimes } from 'node:fs/promises'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { lockDataDir } from '../src/db/data-lock.ts'
import type { BatchDetail } from '../src/schemas/batches.ts'
import { createDiskStore } from '../src/storage/disk-store.ts'
import { copyTemplate } from './helpers/database.ts'
import { picture } from './helpers/samples.ts'
import { clockSetBack } from './suites/chaos/faults/clock-set-back.ts'
import { crashFile } from './suites/chaos/faults/crash-file.ts'
import { fullDatabaseDisk } from './suites/chaos/faults/full-disk.ts'
import { hangingFfmpeg } from './suites/chaos/faults/hanging-ffmpeg.ts'
import { makeFilm } from './suites/chaos/faults.ts'
import { killRounds } from './suites/chaos/kill-rounds.ts'
import { launch } from './suites/chaos/server.ts'
import { signUp } from './suites/chaos/user.ts'

/** The quick part of `npm run test:chaos`. These tests end real server processes, made by `npm run build`. */

async function makeTrial(t: Test) {
  const dataDir = await mkdtemp(join(tmpdir(), 'darkroom-chaos-'))
  await copyTemplate(dataDir)
  t.teardown(() => rm(dataDir, { recursive: true, force: true }))
  return { dataDir, holds: (ok: boolean, sentence: string) => void t.ok(ok, sentence) }
}

t.test('killed at random moments and stopped in the middle, it keeps what it acknowledged', async (t) => {
  const { dataDir } = await makeTrial(t)
  const result = await killRounds({ dataDir, rounds: 6, seed: 7, users: 2, fullCheckEvery: 6 })
  t.same(result.violations, [])
  t.equal(result.kills + result.stops, 6)
})

t.test('a file that kills the process is given up after two attempts and takes nobody with it', async (t) => {
  await crashFile(await makeTrial(t))
})

t.test('an ffmpeg that hangs holds up neither the pictures nor the end of the server', async (t) => {
  const film = await makeFilm()
  if (!film) return t.pass('skipped: there is no ffmpeg here')
  await hangingFfmpeg(await makeTrial(t), film)
})

t.test('with the clock set back, tokens, claims, order and cursors live on', async (t) => {
  await clockSetBack(await makeTrial(t))
})

t.test('a turn at the lock whose time lies in the future is one that was left behind', async (t) => {
  const { dataDir } = await makeTrial(t)
  const turn = join(dataDir, 'run', 'lock.turn')
  await mkdir(turn, { recursive: true })
  const inAnHour = new Date(Date.now() + 3_600_000)
  await utimes(turn, inAnHour, inAnHour)
  const lock = await lockDataDir(dataDir)
  await lock.release()
})

t.test('a folder that its owner deletes while it is set aside ends no sweep', async (t) => {
  const { dataDir } = await makeTrial(t)
  await t.resolves(createDiskStore(dataDir).setAside('media/somebody/gone'))
})

t.test('a full disk of the database is said with STORAGE_FULL, and ends nothing', async (t) => {
  const { dataDir, holds } = await makeTrial(t)
  await fullDatabaseDisk({ dataDir, holds }, [0])
})

t.test('a batch that is handed over while the server starts is not sealed early', async (t) => {
  const { dataDir } = await makeTrial(t)
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
