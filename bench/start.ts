import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startServer, untilReady } from '../demo/server-process.ts'
import { report } from './report.ts'

/** How long a start takes: from the process's first instruction to the first `200` of /ready. */

const WARM_STARTS = 5
const LIMIT_MS = 3000

const dataDir = await mkdtemp(join(tmpdir(), 'darkroom-bench-'))

async function timeStart(): Promise<number> {
  const startedMs = performance.now()
  const server = await startServer(dataDir)
  await untilReady(server.address)
  const elapsedMs = performance.now() - startedMs
  await server.stop()
  return elapsedMs
}

const firstMs = await timeStart()
const warm: number[] = []
for (let count = 0; count < WARM_STARTS; count++) warm.push(await timeStart())
report('first start to /ready, ms (makes the database)', [firstMs])
report('warm start to /ready, ms', warm, LIMIT_MS)
await rm(dataDir, { recursive: true })
