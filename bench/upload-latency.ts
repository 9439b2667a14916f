import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { startServer, untilReady } from '../demo/server-process.ts'
import { openClient } from '../test/helpers/client.ts'
import { photo } from '../test/helpers/samples.ts'
import { report } from './report.ts'

/** How long `POST /v1/upload` of a 200 kB photo takes to answer: while nothing else happens, and while photos develop. */

/** At this width the photo has some 200 kB. */
const PHOTO_WIDTH = 960
const ROUNDS = 40
const LIMIT_MS = 30

const dataDir = await mkdtemp(join(tmpdir(), 'darkroom-bench-'))
const server = await startServer(dataDir)
await untilReady(server.address)
const client = await openClient(server.address, 'bench')
const original = new Uint8Array(
  await sharp(await photo('nagasaki-boats'))
    .resize(PHOTO_WIDTH)
    .jpeg({ quality: 92 })
    .toBuffer(),
)

/** The same picture with other bytes behind its end, as cameras append data: a new file for the server. */
function nextPhoto() {
  const bytes = new Uint8Array(original.length + 16)
  bytes.set(original)
  bytes.set(randomBytes(16), bytes.length - 16)
  return bytes
}

async function timeUpload(): Promise<{ id: string; ms: number }> {
  const bytes = nextPhoto()
  const startedMs = performance.now()
  const { status, body } = await client.upload(bytes, 'photo.jpg')
  const ms = performance.now() - startedMs
  if (status !== 201) throw new Error(`The upload was answered with ${status}.`)
  return { id: body.id, ms }
}

for (let count = 0; count < 5; count++) await client.developed((await timeUpload()).id)
const idle: number[] = []
for (let count = 0; count < ROUNDS; count++) {
  const { id, ms } = await timeUpload()
  idle.push(ms)
  await client.developed(id)
}
const busy: number[] = []
let last = ''
for (let count = 0; count < ROUNDS; count++) {
  const { id, ms } = await timeUpload()
  busy.push(ms)
  last = id
}
process.stdout.write(`photo of ${nextPhoto().length} bytes\n`)
report('POST /v1/upload, pipeline idle, ms', idle, LIMIT_MS)
report('POST /v1/upload, pipeline busy, ms', busy, LIMIT_MS)
await client.developed(last)
await server.stop()
await rm(dataDir, { recursive: true })
