import { WebSocket } from 'ws'

/** A process of sockets that hear everything of a user. Told to end, it says how many messages each heard. */

export interface Heard {
  readonly heard: number
  readonly closed: boolean
}

const [address = '', authorization = '', count = ''] = process.argv.slice(2)

const listeners = await Promise.all(Array.from({ length: Number(count) }, listen))
process.send?.('all are open')
process.once('message', () => {
  process.send?.(listeners.map(({ heard, closed }): Heard => ({ heard, closed })))
  process.disconnect()
})
// Also when the load breaks off: nobody would tell it to end any more.
process.once('disconnect', () => process.exit())

async function listen() {
  const socket = new WebSocket(`${address.replace('http', 'ws')}/ws`, { headers: { authorization } })
  const listener = { heard: 0, closed: false }
  socket.on('message', () => listener.heard++)
  socket.on('error', () => undefined)
  socket.on('close', () => {
    listener.closed = true
  })
  await new Promise<void>((resolve) => {
    socket.once('close', () => resolve())
    socket.on('open', () => {
      socket.send('{"type":"subscribe_all"}')
      resolve()
    })
  })
  return listener
}
