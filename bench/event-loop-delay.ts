import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { pino } from 'pino'
import { createApp } from '#src/app.js'
import { loadConfig } from '#src/config.js'
import { openClient } from '../test/helpers/client.ts'
import { photo } from '../test/helpers/samples.ts'
import { report } from './report.ts'

/**
 * How long the event loop of the server is held up while the pipeline is busy. The server runs in this process, so
 * that its loop can be watched; the client is another process.
 */

const PHOTOS = 40
const LIMIT_MS = 20

if (process.argv[2] === 'client') await feed(process.argv[3] ?? '')
else await watch()

async function watch(): Promise<void> {
  const dataDir = await mkdtemp(join(tmpdir(), 'darkroom-bench-'))
  const app = await createApp(loadConfig({ DATA_DIR: dataDir, PORT: '0' }), pino({ level: 'silent' }))
  await app.start()
  const { port } = app.http.server.address() as AddressInfo
  const delay = monitorEventLoopDelay({ resolution: 1 })
  const client = spawn(
    process.execPath,
    [...process.execArgv, import.meta.filename, 'client', `http://127.0.0.1:${port}`],
    {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    },
  )
  client.on('message', () => delay.enable())
  const [code] = await once(client, 'exit')
  delay.disable()
  if (code !== 0) throw new Error('The client failed.')
  const milliseconds = (nanoseconds: number) => nanoseconds / 1e6
  report('event-loop delay, p50, ms', [milliseconds(delay.percentile(50))])
  report('event-loop delay, p99, ms', [milliseconds(delay.percentile(99))], LIMIT_MS)
  report('event-loop delay, p99.9, ms', [milliseconds(delay.percentile(99.9))])
  report('event-loop delay, max, ms', [milliseconds(delay.max)])
  await app.stop()
  await rm(dataDir, { recursive: true })
}

/** Hands over a batch and single uploads together, so that both lanes are busy, and waits until all is developed. */
async function feed(address: string): Promise<void> {
  const client = await openClient(address, 'bench')
  const original = await photo('nagasaki-boats')
  const variant = (number: number) => {
    const bytes = new Uint8Array(original.length + 4)
    bytes.set(original)
    new DataView(bytes.buffer).setUint32(original.length, number)
    return bytes
  }
  process.send?.('begin')
  const startedMs = performance.now()
  const files = Array.from({ length: PHOTOS / 2 }, (_, index) => [`b${index}.jpg`, variant(index)] as const)
  const { body } = await client.batch(files)
  const singles: string[] = []
  for (let index = PHOTOS / 2; index < PHOTOS; index++)
    singles.push((await client.upload(variant(index), 's.jpg')).body.id)
  for (const id of singles) await client.developed(id)
  await client.finished(body.batch.id)
  const seconds = (performance.now() - startedMs) / 1000
  process.stdout.write(
    `${PHOTOS} photos of ${original.length} bytes developed in ${seconds.toFixed(1)} s: ${(PHOTOS / seconds).toFixed(2)}/s\n`,
  )
  process.disconnect?.()
}
