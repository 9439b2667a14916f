import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { launch } from '../server.ts'
import { signUp } from '../user.ts'
import { handOverBatch, type Trial } from './fault.ts'

const PICTURES = 6

/** A server that reaches the PostgreSQL of DATABASE_URL by a way, in the middle of a batch. */
export async function inTheMiddle({ dataDir }: Trial, username: string, work: (scene: Scene) => Promise<void>) {
  const way = await openWay(new URL(process.env.DATABASE_URL ?? ''))
  const server = launch(dataDir, { env: { DATABASE_URL: way.url } })
  try {
    const address = await server.ready()
    const user = await signUp(address, username)
    const watching = await user.watch(address)
    const kept = await handOverBatch(user, address, PICTURES)
    await watching?.until(({ action }) => action === 'upload_completed')
    const readiness = async () => (await user.call(address, 'GET', '/ready'))?.status
    await work({ way, server, address, user, kept, readiness })
  } finally {
    await server.kill()
    await way.close()
  }
}

interface Scene {
  readonly way: Awaited<ReturnType<typeof openWay>>
  readonly server: ReturnType<typeof launch>
  readonly address: string
  readonly user: Awaited<ReturnType<typeof signUp>>
  /** What was acknowledged; a fault adds what is acknowledged meanwhile. */
  readonly kept: Awaited<ReturnType<typeof handOverBatch>>
  readiness(): Promise<number | undefined>
}

/**
 * A way to a database that can be closed: whoever is on it is thrown off, and nobody gets on. Or silenced: whoever is on
 * it stays, and nothing passes until it is heard again.
 */
async function openWay(to: URL) {
  const sockets = new Set<Socket>()
  let silent = false
  const gate = createServer((from) => {
    const onward = connect(Number(to.port || 5432), to.hostname)
    for (const [socket, other] of [
      [from, onward],
      [onward, from],
    ] as const) {
      sockets.add(socket)
      socket.once('close', () => {
        sockets.delete(socket)
        other.destroy()
      })
      // Its close follows.
      socket.on('error', () => {})
    }
    from.pipe(onward).pipe(from)
    if (silent) for (const socket of [from, onward]) socket.cork()
  })
  const open = async (port: number) => {
    gate.listen(port, '127.0.0.1')
    await once(gate, 'listening')
  }
  await open(0)
  const { port } = gate.address() as AddressInfo
  const url = new URL(to)
  url.host = `127.0.0.1:${port}`
  return {
    url: url.href,
    open: () => open(port),
    silence(): void {
      silent = true
      for (const socket of sockets) socket.cork()
    },
    hear(): void {
      silent = false
      for (const socket of sockets) socket.uncork()
    },
    async close(): Promise<void> {
      const closed = gate.listening ? once(gate, 'close') : undefined
      gate.close()
      for (const socket of sockets) socket.destroy()
      await closed
    },
  }
}
