import { once } from 'node:events'
import { type NetConnectOpts, Socket } from 'node:net'

/** Enough for a transaction to see its query fail, ask for its rollback, and for the driver to write that. */
const GRACE_TURNS = 4

/**
 * A socket that reports its death in two steps. postgres.js 3.4.9 forgets its socket on 'close' and still writes to it
 * when a transaction rolls back: a TypeError that nobody can catch, and a connection that hangs when it is opened again.
 * Here it learns of the loss by 'error', writes its rollback to a socket that is still there (and goes nowhere), and
 * sees 'close' a few turns of the event loop later.
 */
class SteadySocket extends Socket {
  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    const lost =
      error ?? Object.assign(new Error('The connection to the database closed.'), { code: 'CONNECTION_CLOSED' })
    if (this.listenerCount('error') > 0) this.emit('error', lost)
    afterTurns(GRACE_TURNS, () => super._destroy(null, done))
  }
}

function afterTurns(turns: number, then: () => void): void {
  if (turns === 0) then()
  else setImmediate(afterTurns, turns - 1, then)
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
