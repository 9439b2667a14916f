import { signal } from '@preact/signals'
import { accessToken, isUnreachable } from '../api/client.ts'
import type { ServerMessage } from './messages.ts'

/** The one connection of the page to /ws. It comes back by itself, and goes on from the snapshot. */

const FIRST_WAIT_MS = 500
const LONGEST_WAIT_MS = 20_000

/** What the socket says itself is looked at again with every heartbeat: a token is sent anew before it runs out. */
const SIGN_IN_EVERY_MS = 5 * 60_000

/** A little more is asked for than was missed, as docs/api.md advises. */
const MARGIN_MS = 60_000

/** The server says something at least every 30 seconds. Longer silence is a connection that died without a word. */
const SILENCE_MS = 75_000

export const connectionState = signal<'open' | 'connecting' | 'offline'>('connecting')

interface Connection {
  close(): void
}

let current: Connection | undefined

/** Connects, and stays connected until `stopSocket`. */
export function startSocket(onMessage: (message: ServerMessage) => void): void {
  current?.close()
  current = connect(onMessage)
}

export function stopSocket(): void {
  current?.close()
  current = undefined
}

function connect(onMessage: (message: ServerMessage) => void): Connection {
  let socket: WebSocket | undefined
  let waits = 0
  let retry: ReturnType<typeof setTimeout> | undefined
  let silence: ReturnType<typeof setTimeout> | undefined
  let since = new Date(Date.now() - MARGIN_MS).toISOString()
  let closed = false
  const signIn = setInterval(() => void authenticate().catch(() => undefined), SIGN_IN_EVERY_MS)

  function open(): void {
    if (closed) return
    clearTimeout(retry)
    if (connectionState.value !== 'offline') connectionState.value = 'connecting'
    const mine = new WebSocket(`${location.origin.replace('http', 'ws')}/ws`)
    socket = mine
    mine.onopen = () => {
      authenticate()
        .then(() => say({ type: 'subscribe_all', since }))
        .catch(() => mine.close())
    }
    mine.onmessage = ({ data }) => hear(JSON.parse(String(data)))
    mine.onclose = () => {
      if (socket === mine) wait()
    }
    listenForSilence(mine)
  }

  /** Again with a fresh token, for the token of a connection runs out too. */
  async function authenticate(): Promise<void> {
    say({ type: 'auth', token: await accessToken() })
  }

  function hear(message: ServerMessage): void {
    if (socket) listenForSilence(socket)
    if (message.action === 'auth_success') {
      waits = 0
      connectionState.value = 'open'
    }
    if (message.action === 'ping') say({ type: 'pong' })
    if (/^(upload|batch)_/.test(message.action)) {
      since = new Date(Date.parse(message.timestamp) - MARGIN_MS).toISOString()
    }
    onMessage(message)
  }

  function wait(): void {
    clearTimeout(silence)
    if (closed) return
    waits += 1
    if (waits > 1) connectionState.value = 'offline'
    else connectionState.value = 'connecting'
    const longest = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (waits - 1))
    // Jitter: a hundred pages do not come back in the same instant.
    retry = setTimeout(tryAgain, longest * (0.5 + Math.random() / 2))
  }

  /** The token first: without one a connection would only be closed again. A session that is over ends it. */
  function tryAgain(): void {
    accessToken()
      .then(open)
      .catch((thrown: unknown) => {
        if (isUnreachable(thrown)) wait()
        else close()
      })
  }

  function listenForSilence(watched: WebSocket): void {
    clearTimeout(silence)
    silence = setTimeout(() => {
      if (socket !== watched) return
      watched.close()
      socket = undefined
      wait()
    }, SILENCE_MS)
  }

  function say(message: object): void {
    if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message))
  }

  function atOnce(): void {
    if (!closed && connectionState.value !== 'open') tryAgain()
  }

  function close(): void {
    closed = true
    clearTimeout(retry)
    clearTimeout(silence)
    clearInterval(signIn)
    removeEventListener('online', atOnce)
    const last = socket
    socket = undefined
    last?.close()
  }

  addEventListener('online', atOnce)
  open()
  return { close }
}
