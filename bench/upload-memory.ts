import { createReadStream } from 'node:fs'
import { mkdtemp, open, readFile, rm, stat } from 'node:fs/promises'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { createMedia } from '#src/media/create-media.js'
import { startServer, untilReady } from '../demo/server-process.ts'
import { openClient } from '../test/helpers/client.ts'
import { video } from '../test/helpers/samples.ts'
import { report } from './report.ts'

/** How much memory the server takes, above idle, while a file of 1 GB arrives. */

const FILE_BYTES = 1_000_000_000
const LIMIT_MB = 50
const SAMPLE_MS = 20

const dataDir = await mkdtemp(join(tmpdir(), 'darkroom-bench-'))
const path = join(dataDir, 'large.mp4')
await makeLargeVideo(path)
const server = await startServer(join(dataDir, 'data'))
await untilReady(server.address)
const client = await openClient(server.address, 'bench')

// What the first upload of any size loads once is not what a large one costs.
await client
  .upload(await tinyVideo(join(dataDir, 'tiny.mp4')), 'tiny.mp4')
  .then(({ body }) => client.developed(body.id))
const idle = await residentMegabytes()
const samples: number[] = []
const sampling = setInterval(
  () => void residentMegabytes().then((megabytes) => samples.push(megabytes - idle)),
  SAMPLE_MS,
)
const startedMs = performance.now()
const status = await send(path)
const seconds = (performance.now() - startedMs) / 1000
clearInterval(sampling)
process.stdout.write(
  `answered ${status} after ${seconds.toFixed(1)} s, ${(FILE_BYTES / 1e6 / seconds).toFixed(0)} MB/s; idle ${idle.toFixed(0)} MB\n`,
)
report('memory above idle while 1 GB arrives, MB', [Math.max(...samples)], LIMIT_MB)
await server.stop()
await rm(dataDir, { recursive: true })

async function residentMegabytes(): Promise<number> {
  const status = await readFile(`/proc/${server.pid}/status`, 'utf8')
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) / 1000
}

async function tinyVideo(at: string) {
  const { ffmpeg } = await createMedia({ imageMaxPixels: 1e8, videoMaxFrames: 10, ffmpegPath: undefined })
  if (!ffmpeg) throw new Error('There is no ffmpeg.')
  return video(ffmpeg.path, at, 1)
}

/** A real video, followed by a `free` box (ISO 14496-12 section 8.1.2) that makes it as large as is wanted. */
async function makeLargeVideo(at: string): Promise<void> {
  await tinyVideo(at)
  const { size } = await stat(at)
  const header = Buffer.alloc(8)
  header.writeUInt32BE(FILE_BYTES - size, 0)
  header.write('free', 4)
  const file = await open(at, 'r+')
  await file.write(header, 0, header.length, size)
  await file.truncate(FILE_BYTES)
  await file.close()
}

async function send(file: string): Promise<number | undefined> {
  const boundary = 'darkroom-bench'
  const head = `--${boundary}\r\ncontent-disposition: form-data; name="file"; filename="large.mp4"\r\n\r\n`
  const tail = `\r\n--${boundary}--\r\n`
  const outgoing = request(`${server.address}/v1/upload`, {
    method: 'POST',
    headers: {
      authorization: client.authorization,
      'content-type': `multipart/form-data; boundary=${boundary}`,
      'content-length': head.length + FILE_BYTES + tail.length,
    },
  })
  const answer = new Promise<number | undefined>((resolve, reject) => {
    outgoing.on('error', reject)
    outgoing.on('response', (response) => {
      response.resume()
      resolve(response.statusCode)
    })
  })
  outgoing.write(head)
  await pipeline(createReadStream(file, { highWaterMark: 1 << 20 }), outgoing, { end: false })
  outgoing.end(tail)
  return answer
}
