import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { copyTemplate } from './helpers/database.ts'
import { clockSetBack } from './suites/chaos/faults/clock-set-back.ts'

/** One of the faults of `npm run test:chaos`, in a file of its own: starting servers takes its time. */

async function makeTrial(t: Test) {
  const dataDir = await mkdtemp(join(tmpdir(), 'darkroom-chaos-'))
  await copyTemplate(dataDir)
  t.teardown(() => rm(dataDir, { recursive: true, force: true }))
  return { dataDir, holds: (ok: boolean, sentence: string) => void t.ok(ok, sentence) }
}

t.test('with the clock set back, tokens, claims, order and cursors live on', async (t) => {
  await clockSetBack(await makeTrial(t))
})
