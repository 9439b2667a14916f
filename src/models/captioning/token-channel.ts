import { MessageChannel, type MessagePort, receiveMessageOnPort } from 'node:worker_threads'
import type { RunOptions } from '../pack.ts'

/** The line between somebody who waits for a text and the worker that writes it. */
export interface TokenChannel {
  /** Goes to the worker. */
  readonly port: MessagePort
  /** Tells the worker that nobody waits any more. */
  close(): void
}

interface TokenCount {
  readonly count: number
  readonly most: number
}

/** Opens the line; `onToken` is called as the worker reports. To be closed in any case. */
export function openTokenChannel({ onToken, signal }: RunOptions): TokenChannel {
  const { port1, port2 } = new MessageChannel()
  const tell = ({ count, most }: TokenCount) => {
    // Several counts may arrive at once.
    if (!signal?.aborted) onToken?.(count, most)
  }
  port1.on('message', tell)
  return {
    port: port2,
    close() {
      // A text that is written fast overtakes its counts: nobody has heard yet of those that lie here.
      for (let left = receiveMessageOnPort(port1); left !== undefined; left = receiveMessageOnPort(port1)) {
        tell(left.message)
      }
      port1.close()
    },
  }
}

/**
 * The worker's end of the line.
 * @returns a function to be called after each piece of work: it tells how many tokens there are, and throws when the
 * other end was closed. A session that runs is never interrupted, so this is where a text is given up.
 */
export function listenToChannel(port: MessagePort): (count: number, most: number) => Promise<void> {
  let isClosed = false
  port.once('close', () => {
    isClosed = true
  })
  return async (count, most) => {
    port.postMessage({ count, most } satisfies TokenCount)
    // A turn of the event loop, in which a close arrives.
    await new Promise((resolve) => setImmediate(resolve))
    if (isClosed) throw new Error('Nobody waits for this text any more.')
  }
}
