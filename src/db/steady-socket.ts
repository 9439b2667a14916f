import { once } from 'node:events'
import { type NetConnectOpts, Socket, type SocketConstructorOpts } from 'node:net'

/** Enough for a transaction on a busy machine to see its query fail, ask for its rollback, and for that to be written. */
const GRACE_MS = 500

/**
 * A full socket makes postgres.js 3.4.9 forget that a connection belongs to a transaction, and its 'drain' gives the
 * connection to others in the middle of one (see driver.ts). What is queued is bounded by the requests that wait for it.
 */
const NEVER_FULL: SocketConstructorOpts & { writableHighWaterMark: number } = {
  writableHighWaterMark: Number.MAX_SAFE_INTEGER,
}

/**
 * A socket that reports its death in two steps. postgres.js 3.4.9 forgets its socket on 'close' and still writes to it
 * when a transaction rolls back: a TypeError that nobody can catch, and a connection that hangs when it is opened again.
 * Here it learns of the loss by 'error', writes its rollback to a socket that is still there (and goes nowhere), and
 * sees 'close' half a second later.
 */
class SteadySocket extends Socket {
  constructor() {
    super(NEVER_FULL)
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    const lost =
      error ?? Object.assign(new Error('The connection to the database closed.'), { code: 'CONNECTION_CLOSED' })
    if (this.listenerCount('error') > 0) this.emit('error', lost)
    setTimeout(() => super._destroy(null, done), GRACE_MS)
  }
}

/** Begins to connect. A failure shows as 'error' and 'close' on the socket, as the driver expects. */
export function steadySocket(target: NetConnectOpts): Socket {
  return new SteadySocket().connect(target)
}

/** A connected socket, or undefined when nobody listens at the path. */
export async function tryConnect(path: string): Promise<Socket | undefined> {
  const socket = steadySocket({ path })
  try {
    await once(socket, 'connect')
    return socket
  } catch {
    return undefined
  }
}
