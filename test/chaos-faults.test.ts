import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { copyTemplate } from './helpers/database.ts'
import { hangingFfmpeg } from './suites/chaos/faults/hanging-ffmpeg.ts'
import { makeFilm } from './suites/chaos/faults.ts'

/** One of the faults of `npm run test:chaos`; the others start a server several times each. Runs what `npm run build` made. */

async function makeTrial(t: Test) {
  const dataDir = await mkdtemp(join(tmpdir(), 'darkroom-chaos-'))
  await copyTemplate(dataDir)
  t.teardown(() => rm(dataDir, { recursive: true, force: true }))
  return { dataDir, holds: (ok: boolean, sentence: string) => void t.ok(ok, sentence) }
}

t.test('an ffmpeg that hangs holds up neither the pictures nor the end of the server', async (t) => {
  const film = await makeFilm()
  if (!film) return t.pass('skipped: there is no ffmpeg here')
  await hangingFfmpeg(await makeTrial(t), film)
})
