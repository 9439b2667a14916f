import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { until } from '../../../helpers/until.ts'
import { launch } from '../server.ts'
import { signUp } from '../user.ts'
import { handOver, handOverBatch, isAllKept, type Trial } from './fault.ts'

const PICTURES = 6
const ATTEMPTS_MEANWHILE = 5

/** The PostgreSQL of DATABASE_URL cannot be reached in the middle of a batch, and comes back. */
export async function databaseAway({ dataDir, holds }: Trial): Promise<void> {
  const way = await openWay(new URL(process.env.DATABASE_URL ?? ''))
  const server = launch(dataDir, { env: { DATABASE_URL: way.url } })
  try {
    const address = await server.ready()
    const user = await signUp(address, 'away')
    const watching = await user.watch(address)
    const kept = await handOverBatch(user, address, PICTURES)
    await watching?.until(({ action }) => action === 'upload_completed')
    await way.close()

    const answers = new Set<string>()
    for (let number = 0; number < ATTEMPTS_MEANWHILE; number++) {
      const { status, code } = await handOver(user, address, 100 + number)
      answers.add(`${status} ${code ?? ''}`.trim())
    }
    holds(
      answers.size === 1 && answers.has('503 DATABASE_UNAVAILABLE'),
      `meanwhile uploads are answered with ${[...answers].join(', ')}`,
    )
    const readiness = async () => (await user.call(address, 'GET', '/ready'))?.status
    holds((await readiness()) === 503, 'it says that it is not ready')

    await way.open()
    await until(async () => (await readiness()) === 200)
    holds((await readiness()) === 200, 'the database is back: it is ready')
    const { status, kept: single } = await handOver(user, address, 200)
    holds(status === 201, `an upload is answered with ${status}`)
    if (single) kept.push(single)
    holds(await isAllKept(user, address, kept), `all ${kept.length} are developed`)
    holds((await server.stop()) === 0, 'SIGTERM ends it with 0')
  } finally {
    await server.kill()
    await way.close()
  }
}

/** A way to a database that can be closed: whoever is on it is thrown off, and nobody gets on. */
async function openWay(to: URL) {
  const sockets = new Set<Socket>()
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
    async close(): Promise<void> {
      const closed = gate.listening ? once(gate, 'close') : undefined
      gate.close()
      for (const socket of sockets) socket.destroy()
      await closed
    },
  }
}
