import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { copyTemplate } from './helpers/database.ts'
import { crashFile } from './suites/chaos/faults/crash-file.ts'
import { hangingFfmpeg } from './suites/chaos/faults/hanging-ffmpeg.ts'
import { makeFilm } from './suites/chaos/faults.ts'

/** Some of the faults of `npm run test:chaos`. These tests end real server processes, made by `npm run build`. */

async function makeTrial(t: Test) {
  const dataDir = await mkdtemp(join(tmpdir(), 'darkroom-chaos-'))
  await copyTemplate(dataDir)
  t.teardown(() => rm(dataDir, { recursive: true, force: true }))
  return { dataDir, holds: (ok: boolean, sentence: string) => void t.ok(ok, sentence) }
}

t.test('a file that kills the process is given up after two attempts and takes nobody with it', async (t) => {
  await crashFile(await makeTrial(t))
})

t.test('an ffmpeg that hangs holds up neither the pictures nor the end of the server', async (t) => {
  const film = await makeFilm()
  if (!film) return t.pass('skipped: there is no ffmpeg here')
  await hangingFfmpeg(await makeTrial(t), film)
})
