import { WebSocket } from 'ws'
import type { BatchDetail } from '#src/schemas/batches.js'
import type { Upload } from '#src/schemas/uploads.js'
import type { Bytes } from './samples.ts'

export interface Message {
  action: string
  seq: number
  code?: string
  payload: Record<string, unknown> & { upload_id?: string; batch_id?: string | null; status?: string; stage?: string }
}

export interface Answer<T> {
  status: number
  headers: Headers
  body: T
}

export type Client = Awaited<ReturnType<typeof openClient>>

/** A client of one user over real HTTP and WebSocket. */
export async function openClient(address: string, username: string, password = 'correct horse battery') {
  const json = { 'content-type': 'application/json' }
  const credentials = JSON.stringify({ username, password })
  const post = (path: string) => fetch(address + path, { method: 'POST', headers: json, body: credentials })
  const registered = await post('/v1/auth/register')
  const session = (await (registered.ok ? registered : await post('/v1/auth/login')).json()) as { access_token: string }
  const authorization = `Bearer ${session.access_token}`

  async function call<T = unknown>(method: string, path: string, body?: unknown): Promise<Answer<T>> {
    const form = body instanceof FormData
    const response = await fetch(address + path, {
      method,
      headers: { authorization, ...(body === undefined || form ? {} : json) },
      ...(body === undefined ? {} : { body: form ? body : JSON.stringify(body) }),
    })
    const text = await response.text()
    return {
      status: response.status,
      headers: response.headers,
      body: (text === '' ? undefined : JSON.parse(text)) as T,
    }
  }

  return {
    address,
    username,
    authorization,
    token: session.access_token,
    call,
    upload: (bytes: Bytes, name = 'picture.png') =>
      call<Upload & { code?: string }>('POST', '/v1/upload', form([[name, bytes]])),
    batch: (files: readonly (readonly [string, Bytes])[]) => call<BatchDetail>('POST', '/v1/batches', form(files)),
    bytes: (path: string, headers: Record<string, string> = {}) =>
      fetch(address + path, { headers: { authorization, ...headers } }),

    /** Opens /ws as this user and keeps every message; `until` awaits one that has come or will come. */
    async watch(first: Record<string, unknown> = { type: 'subscribe_all' }) {
      const socket = new WebSocket(`${address.replace('http', 'ws')}/ws`, { headers: { authorization } })
      const watch = collect(socket)
      await watch.until((message) => message.action === 'auth_success')
      socket.send(JSON.stringify(first))
      await watch.until((message) => message.action === 'snapshot' || message.action === 'error')
      return watch
    },

    /** The upload once it is completed or failed. */
    async developed(id: string): Promise<Upload> {
      const watch = await this.watch({ type: 'subscribe_upload', upload_id: id })
      await watch.until(
        ({ action, payload }) =>
          action === 'upload_completed' ||
          action === 'upload_failed' ||
          (action === 'snapshot' && JSON.stringify(payload).match(/"status":"(completed|failed)"/) !== null),
      )
      watch.socket.close()
      return (await call<Upload>('GET', `/v1/uploads/${id}`)).body
    },

    /** The batch once it is over. */
    async finished(id: string): Promise<BatchDetail> {
      const watch = await this.watch({ type: 'subscribe_batch', batch_id: id })
      await watch.until(
        ({ action, payload }) =>
          action === 'batch_completed' ||
          (action === 'snapshot' && JSON.stringify(payload).match(/"status":"(completed|cancelled)","total"/) !== null),
      )
      watch.socket.close()
      return (await call<BatchDetail>('GET', `/v1/batches/${id}?limit=200`)).body
    },
  }
}

export function form(files: readonly (readonly [string, Bytes])[]): FormData {
  const data = new FormData()
  for (const [name, bytes] of files) data.append('file', new Blob([bytes]), name)
  return data
}

/** Keeps the messages of a socket and wakes whoever awaits one. */
export function collect(socket: WebSocket) {
  const messages: Message[] = []
  const waiting = new Set<() => void>()
  const wake = () => {
    for (const check of waiting) check()
  }
  const closed = new Promise<{ code: number }>((resolve) => {
    socket.on('close', (code) => {
      resolve({ code })
      wake()
    })
  })
  socket.on('error', wake)
  socket.on('message', (data) => {
    messages.push(JSON.parse(String(data)) as Message)
    wake()
  })
  return {
    socket,
    messages,
    closed,
    async until(matches: (message: Message) => boolean): Promise<Message> {
      return new Promise((resolve, reject) => {
        const check = () => {
          const found = messages.find(matches)
          if (!found && socket.readyState <= WebSocket.OPEN) return
          waiting.delete(check)
          if (found) resolve(found)
          else reject(new Error(`The socket closed after ${JSON.stringify(messages.map(({ action }) => action))}`))
        }
        waiting.add(check)
        check()
      })
    },
  }
}
