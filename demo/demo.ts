import { once } from 'node:events'
import { join, resolve } from 'node:path'
import { createMedia } from '#src/media/create-media.js'
import type { Upload } from '#src/schemas/uploads.js'
import { connect, type ProgressMessage } from './client.ts'
import { loadPictures, makeVideo } from './samples.ts'
import { type ServerProcess, startServer, untilReady } from './server-process.ts'

/**
 * Darkroom from the outside: starts the server, hands over photos and a video, watches them develop over the
 * WebSocket, and finds them again. `--exit` stops the server at the end; the exit code says whether all went well.
 */

const DATA_DIR = resolve(process.env.DATA_DIR ?? 'data/demo')
/** By meaning, by kind, and by the text in a picture. */
const QUERIES = ['ships in a harbour', 'human beings', 'histogram']

const exitAtEnd = process.argv.includes('--exit')
const write = (line = '') => process.stdout.write(`${line}\n`)

const server = await startServer(DATA_DIR, process.env.PORT ?? '0')
const succeeded = await demonstrate(server).catch((thrown: unknown) => {
  process.stderr.write(`${thrown instanceof Error ? thrown.stack : String(thrown)}\n`)
  return false
})

if (exitAtEnd || !succeeded) {
  const code = await server.stop()
  if (code !== 0) write(`The server ended with code ${code}. Its log is ${server.logPath}`)
  process.exitCode = succeeded && code === 0 ? 0 : 1
} else {
  write(`Darkroom is running at ${server.address} (API at ${server.address}/docs). Stop it with Ctrl-C.`)
  await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')])
  process.exitCode = (await server.stop()) ?? 1
}

/** True when every file was developed and every search found something. */
async function demonstrate({ address }: ServerProcess): Promise<boolean> {
  write(`Darkroom is starting at ${address}, its data in ${DATA_DIR}`)
  await untilReady(address)
  const client = await connect(address, join(DATA_DIR, 'demo-account.json'))
  write(`Account: ${client.account.username} / ${client.account.password}\n`)

  const developed = createWaitingRoom()
  const stopWatching = await client.watch((message) => {
    show(message)
    if (message.action === 'upload_completed' || message.action === 'upload_failed')
      developed.settle(message.payload.upload_id)
  })

  const { ffmpeg } = await createMedia({ imageMaxPixels: 1e8, videoMaxFrames: 10, ffmpegPath: process.env.FFMPEG_PATH })
  const uploads: Upload[] = []
  if (ffmpeg) uploads.push(await client.upload(await makeVideo(ffmpeg.path, DATA_DIR)))
  else write('There is no ffmpeg on this machine: the demo goes on without a video.')
  const { batch, items } = await client.batch(await loadPictures())
  write(
    `Handed over: ${uploads.length} video, a batch of ${batch.counts.total} pictures (${batch.counts.duplicate} known already)`,
  )

  for (const { upload_id: id } of items) if (id) uploads.push(await client.get(id))
  await developed.all(uploads.filter(({ status }) => status !== 'completed' && status !== 'failed').map(({ id }) => id))
  stopWatching()

  write('\nWhat was seen')
  const finished = await Promise.all(uploads.map(({ id }) => client.get(id)))
  for (const { filename, status, description, error_message } of finished) {
    write(`  ${filename.padEnd(26)} ${status === 'completed' ? description : `FAILED: ${error_message}`}`)
  }

  let found = true
  for (const query of QUERIES) {
    const { hits } = await client.search(query)
    write(`\nSearch: ${query}`)
    for (const { rank, score, upload } of hits)
      write(`  ${rank}. ${upload.filename} (${score.toFixed(2)}) ${upload.description}`)
    if (hits.length === 0) write('  nothing')
    found &&= hits.length > 0
  }
  write()
  return (
    found &&
    items.every(({ verdict }) => verdict !== 'rejected') &&
    finished.every(({ status }) => status === 'completed')
  )
}

function show({ action, payload }: ProgressMessage): void {
  if (action === 'upload_failed') write(`  ${payload.file_name}: FAILED, ${payload.error_message}`)
  else if (action === 'upload_progress' || action === 'upload_completed') {
    write(`  ${payload.file_name.padEnd(26)} ${String(payload.progress_percent).padStart(3)} %  ${payload.message}`)
  }
}

/** Waits for ids that may have come before anybody asked for them. */
function createWaitingRoom() {
  const settled = new Set<string>()
  let wake = () => {}
  return {
    settle(id: string) {
      settled.add(id)
      wake()
    },
    async all(ids: readonly string[]): Promise<void> {
      while (!ids.every((id) => settled.has(id))) {
        await new Promise<void>((woken) => {
          wake = woken
        })
      }
    },
  }
}
