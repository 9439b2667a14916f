import { randomInt } from 'node:crypto'
import { WebSocket } from 'ws'
import { collect, type Message } from '../../helpers/client.ts'

export interface Reply<T> {
  readonly status: number
  readonly body: T
  readonly headers: Headers
}

export type User = Awaited<ReturnType<typeof signUp>>

/** What a client that lost its connection asks for, as docs/api.md recommends: what ended from a minute before. */
const SINCE_MARGIN_MS = 60_000
const NEWS = /^(upload|batch)_/

/** Longer than any answer takes on a busy machine: what hangs shall be seen. */
const PATIENCE_MS = 300_000

/** Registers with an address of its own, since the rate of sign-ins is limited by address. */
export async function signUp(address: string, username: string) {
  const credentials = { username, password: 'correct horse battery' }
  const headers = { 'content-type': 'application/json', 'x-forwarded-for': `10.${octet()}.${octet()}.${octet()}` }
  const post = (path: string) =>
    fetch(address + path, { method: 'POST', headers, body: JSON.stringify(credentials) }).then(async (response) => ({
      ok: response.ok,
      body: (await response.json()) as { access_token: string; user: { id: string } },
    }))
  const registered = await post('/v1/auth/register')
  const { body } = registered.ok ? registered : await post('/v1/auth/login')
  return openUser(body.access_token, body.user.id)
}

/** One user with a token that outlives the process that gave it. */
export function openUser(token: string, id: string) {
  const authorization = `Bearer ${token}`
  /** Uploads whose end this user was told. */
  const told = new Set<string>()
  let lastMoment: string | undefined

  function hear({ action, payload }: Message): void {
    if (action === 'upload_completed' || action === 'upload_failed') told.add(String(payload.upload_id))
    if (action !== 'snapshot') return
    for (const upload of payload.uploads as { upload_id: string; status: string }[]) {
      if (upload.status === 'completed' || upload.status === 'failed') told.add(upload.upload_id)
    }
  }

  return {
    id,
    authorization,
    told,

    /** Undefined when the connection broke: then nobody knows whether it happened. */
    async call<T>(address: string, method: string, path: string, body?: unknown): Promise<Reply<T> | undefined> {
      const form = body instanceof FormData
      const json = body !== undefined && !form
      try {
        const response = await fetch(address + path, {
          method,
          headers: json ? { authorization, 'content-type': 'application/json' } : { authorization },
          signal: AbortSignal.timeout(PATIENCE_MS),
          ...(body === undefined ? {} : { body: form ? body : JSON.stringify(body) }),
        })
        const text = await response.text()
        return { status: response.status, headers: response.headers, body: (text ? JSON.parse(text) : undefined) as T }
      } catch {
        return undefined
      }
    },

    /** The bytes of a file; undefined when they did not arrive whole. */
    async bytes(address: string, path: string): Promise<{ status: number; bytes: Uint8Array } | undefined> {
      try {
        const response = await fetch(address + path, { headers: { authorization } })
        return { status: response.status, bytes: new Uint8Array(await response.arrayBuffer()) }
      } catch {
        return undefined
      }
    },

    /** Listens to everything, and asks for what ended since the last message. Undefined when it cannot connect. */
    async watch(address: string) {
      const socket = new WebSocket(`${address.replace('http', 'ws')}/ws`, { headers: { authorization } })
      socket.on('message', (data) => {
        const message = JSON.parse(String(data)) as Message & { timestamp: string }
        // News come after the whole snapshot: only they say that nothing before them was missed.
        if (NEWS.test(message.action)) lastMoment = message.timestamp
        hear(message)
      })
      const since = lastMoment && new Date(Date.parse(lastMoment) - SINCE_MARGIN_MS).toISOString()
      const watching = collect(socket)
      socket.on('open', () => socket.send(JSON.stringify({ type: 'subscribe_all', ...(since ? { since } : {}) })))
      try {
        await watching.until(({ action }) => action === 'snapshot')
        return watching
      } catch {
        return undefined
      }
    },
  }
}

const octet = () => randomInt(1, 255)
