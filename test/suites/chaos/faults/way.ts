import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/**
 * A way to a database that can be closed: whoever is on it is thrown off, and nobody gets on. Or silenced: whoever is on
 * it stays, and nothing passes until it is heard again.
 */
export async function openWay(to: URL) {
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
