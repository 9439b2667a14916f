import { chmod, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Upload } from '#src/schemas/uploads.js'
import { form } from '../../../helpers/client.ts'
import type { Bytes } from '../../../helpers/samples.ts'
import { until } from '../../../helpers/until.ts'
import { launch } from '../server.ts'
import { signUp } from '../user.ts'
import { handOver, isAllKept, type Kept, type Trial } from './fault.ts'

const SHUTDOWN_SECONDS = 8

/** An ffmpeg that never answers: it holds up its own video, and neither the others nor the end of the server. */
export async function hangingFfmpeg({ dataDir, holds }: Trial, video: Bytes): Promise<void> {
  // A number of seconds like no other names the process.
  const seconds = String(100_000 + process.pid)
  const ffmpegPath = join(dataDir, 'hanging-ffmpeg')
  const script = `#!/bin/sh\ncase "$*" in *-version*) echo "ffmpeg version 7.1 hangs";; *) exec sleep ${seconds};; esac\n`
  const env = { FFMPEG_PATH: ffmpegPath, SHUTDOWN_SECONDS: String(SHUTDOWN_SECONDS) }
  await writeFile(ffmpegPath, script)
  await chmod(ffmpegPath, 0o755)
  let server = launch(dataDir, { env })
  try {
    let address = await server.ready()
    const user = await signUp(address, 'hanging')
    const handed = await user.call<Upload>(address, 'POST', '/v1/upload', form([['film.mp4', video]]))
    await until(async () => (await countRunning(seconds)) === 1)
    const kept: Kept[] = []
    for (const number of [1, 2]) {
      const { kept: one } = await handOver(user, address, number)
      if (one) kept.push(one)
    }
    holds(kept.length === 2 && (await isAllKept(user, address, kept)), 'pictures are developed while ffmpeg hangs')
    const stoppedAt = Date.now()
    const exitCode = await server.stop()
    const tookMs = Date.now() - stoppedAt
    holds(exitCode === 0 && tookMs < SHUTDOWN_SECONDS * 1000, `SIGTERM ends it with ${exitCode} after ${tookMs} ms`)
    holds((await countRunning(seconds)) === 0, 'and ffmpeg with it')

    server = launch(dataDir, { env })
    address = await server.ready()
    await until(async () => (await countRunning(seconds)) === 1)
    const waiting = await user.call<Upload>(address, 'GET', `/v1/uploads/${handed?.body.id}`)
    holds(waiting?.body.attempts === 1, `the attempt that was stopped did not count: ${waiting?.body.attempts}`)
    await user.call(address, 'DELETE', `/v1/uploads/${handed?.body.id}?permanent=true`)
    await until(async () => (await countRunning(seconds)) === 0)
    holds((await countRunning(seconds)) === 0, 'deleting the video ends its ffmpeg')
    holds((await server.stop()) === 0, 'SIGTERM ends it with 0')
  } finally {
    await server.kill()
  }
}

async function countRunning(seconds: string): Promise<number> {
  let count = 0
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    const line = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
    if (line.startsWith(`sleep\0${seconds}`)) count++
  }
  return count
}
