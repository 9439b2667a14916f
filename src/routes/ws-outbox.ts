import type { Writable } from 'node:stream'
import type { WebSocket } from 'ws'

/** What the server says on /ws, before it gets its number and its time. */
export interface OutgoingMessage {
  readonly action: string
  readonly payload?: object
  readonly [member: string]: unknown
}

/** Above this the socket's own buffer is full enough: what follows waits here, where it can be overtaken. */
const HIGH_WATER_BYTES = 256 * 1024

/** Messages that may not be overtaken pile up only before a client that does not read. It may come back. */
const QUEUE_MAX = 10_000

/** RFC 6455 leaves 1013 to the registry: "try again later". */
const TRY_AGAIN_LATER = 1013

const texts = new WeakMap<object, string>()

/** The same event goes to everybody who listens: it is written down once. A payload does not change once it is told. */
function textOf(payload: object): string {
  const known = texts.get(payload)
  if (known !== undefined) return known
  const text = JSON.stringify(payload)
  texts.set(payload, text)
  return text
}

/** How a client is written to. */
export interface Line {
  readonly socket: WebSocket
  /** Below the socket, where frames are gathered. */
  readonly stream: Writable
  /** For how long what follows a message is gathered, so that it goes out in one write. */
  gatherMs(): number
}

/**
 * Sends to one client at the pace it reads. A message with a key replaces the waiting one with the same key: a slow
 * client gets the newest state of each thing. Messages without a key are final, and are never dropped.
 */
export function createOutbox({ socket, stream, gatherMs }: Line) {
  const waiting = new Map<string | symbol, OutgoingMessage>()
  let seq = 0
  let holds = 0
  let gathering: NodeJS.Timeout | undefined
  let gathered = 0

  function send(message: OutgoingMessage, onSent?: () => void): void {
    const { action, payload, ...members } = message
    const head = JSON.stringify({ action, seq: ++seq, timestamp: new Date().toISOString(), ...members })
    const text = payload === undefined ? head : `${head.slice(0, -1)},"payload":${textOf(payload)}}`
    // A socket that fails here closes, and its 'close' event ends everything.
    socket.send(text, () => {
      onSent?.()
      flush()
    })
    gathered++
    if (!gathering) gather()
  }

  /** The first message after a silence has left at once; what follows it closely waits for more. */
  function gather(): void {
    gathered = 0
    const ms = gatherMs()
    if (ms < 1) return
    stream.cork()
    gathering = setTimeout(release, ms)
  }

  function release(): void {
    clearTimeout(gathering)
    gathering = undefined
    stream.uncork()
    if (gathered > 0) gather()
  }

  function flush(): void {
    for (const [key, message] of waiting) {
      if (holds > 0 || socket.readyState !== socket.OPEN) return
      if (socket.bufferedAmount > HIGH_WATER_BYTES) {
        release()
        return
      }
      waiting.delete(key)
      send(message)
    }
  }

  return {
    /** Queues a message; with a key, in place of an older one of that key. */
    push(message: OutgoingMessage, key?: string): void {
      waiting.set(key ?? Symbol(message.action), message)
      if (waiting.size > QUEUE_MAX) socket.close(TRY_AGAIN_LATER, 'Too slow: connect again for a snapshot')
      else flush()
    },
    /** Forgets a waiting message that something newer has overtaken. */
    drop(key: string): void {
      waiting.delete(key)
    },
    /** Sends ahead of everything that waits, and resolves when the socket has taken it. */
    sendFirst(message: OutgoingMessage): Promise<void> {
      return new Promise((resolve) => {
        send(message, resolve)
        release()
      })
    },
    /** Keeps what is queued back while `work` runs, so that a snapshot comes before the news. */
    async holding(work: () => Promise<void>): Promise<void> {
      holds++
      try {
        await work()
      } finally {
        holds--
        flush()
      }
    },
  }
}
