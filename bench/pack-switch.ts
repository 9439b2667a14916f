import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ModelPacks } from '#src/schemas/model-packs.js'
import { startServer, untilReady } from '../demo/server-process.ts'
import { openClient } from '../test/helpers/client.ts'
import { picture } from '../test/helpers/samples.ts'
import { writeTinyPack } from '../test/helpers/tiny-packs.ts'
import { quantile, report } from './report.ts'

/** A library changes its model pack while searches run all the time: does one of them fail, or wait for long? */

const UPLOADS = 200

const dataDir = await mkdtemp(join(tmpdir(), 'darkroom-bench-'))
await writeTinyPack(join(dataDir, 'models', 'tiny'), { kind: 'clip', captioner: 'vit-gpt2', name: 'tiny' })
const server = await startServer(dataDir)
await untilReady(server.address)
const client = await openClient(server.address, 'bench')
const files = await Promise.all(
  Array.from({ length: UPLOADS }, async (_, index) => [`p${index}.png`, await picture(index)] as const),
)
const handed = await client.batch(files)
await client.finished(handed.body.batch.id)

const before: number[] = []
const during: number[] = []
let failed = 0
/** By words and by meaning; with its name in the query one upload is found whatever a pack makes of the words. */
async function search(times: number[]): Promise<void> {
  const startedMs = performance.now()
  const { status, body } = await client.call<{ hits: unknown[] }>('POST', '/v1/search', { query: 'a picture p7.png' })
  times.push(performance.now() - startedMs)
  if (status !== 200 || body.hits.length === 0) failed++
}

for (let count = 0; count < 50; count++) await search(before)
const startedMs = performance.now()
await client.call('POST', '/v1/models/use', { pack: 'tiny', captions: 'redo' })
let now: ModelPacks
do {
  for (let count = 0; count < 5; count++) await search(during)
  now = (await client.call<ModelPacks>('GET', '/v1/models')).body
} while (now.active !== 'tiny' && now.switching?.state !== 'failed')
const seconds = (performance.now() - startedMs) / 1000
process.stdout.write(
  `${UPLOADS} uploads moved to ${now.active} in ${seconds.toFixed(1)} s; ${during.length} searches meanwhile, ${failed} failed\n`,
)
report('search before, ms', before)
report('search meanwhile, ms', during, quantile(before, 0.5))
await server.stop()
await rm(dataDir, { recursive: true })
process.exitCode = failed === 0 && now.active === 'tiny' ? 0 : 1
