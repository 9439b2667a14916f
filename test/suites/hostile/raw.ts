import { connect, type Socket } from 'node:net'

/** How long a server may be silent before what it said counts as all. */
const QUIET_MS = 5_000

/** Writes bytes to a server as they are, and gives what it says until it closes or falls silent. */
export async function say(address: string, bytes: string | Buffer): Promise<string> {
  const socket = dial(address)
  socket.write(bytes)
  let heard = ''
  return new Promise((resolve) => {
    const done = () => {
      socket.destroy()
      resolve(heard)
    }
    socket.setTimeout(QUIET_MS, done)
    socket.on('data', (data) => {
      heard += data.toString('latin1')
      if (isWholeAnswer(heard)) done()
    })
    socket.on('close', done)
  })
}

export function dial(address: string): Socket {
  const { hostname, port } = new URL(address)
  // What the server cuts is what the test wants to see; there is nothing to do about it.
  return connect(Number(port), hostname).on('error', () => undefined)
}

export function statusOf(answer: string): number {
  return Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1] ?? 0)
}

function isWholeAnswer(heard: string): boolean {
  const [head = '', ...rest] = heard.split('\r\n\r\n')
  const length = /content-length: (\d+)/i.exec(head)?.[1]
  return length !== undefined && rest.join('\r\n\r\n').length >= Number(length)
}
