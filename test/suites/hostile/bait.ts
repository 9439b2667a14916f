import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { makeCanaryVideo } from './corpus/originals.ts'
import type { Bait } from './corpus/references.ts'

/** Lays out what no upload may reach: a secret, a film, and a listener that counts who comes. `dir`: beside the data. */
export async function layBait(dir: string) {
  const secret = `canary-${randomUUID()}`
  const textPath = join(dir, 'canary.txt')
  await writeFile(textPath, `${secret}\n`)
  let connections = 0
  const listener = createServer((socket) => {
    connections++
    socket.destroy()
  })
  listener.listen(0, '127.0.0.1')
  await once(listener, 'listening')
  const address = `http://127.0.0.1:${(listener.address() as AddressInfo).port}`
  const bait: Bait = { textPath, videoPath: await makeCanaryVideo(dir), address }
  return {
    bait,
    secret,
    connections: () => connections,
    close: () => listener.close(),
  }
}
