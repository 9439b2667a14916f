import { Agent, request } from 'undici'
import { WebSocket } from 'ws'
import type { HostileFile } from './corpus/corpus.ts'

const PASSWORD = 'paper boats at noon'
const BOUNDARY = 'a-boundary-that-no-file-holds-7b1d'

export interface Answer {
  status: number
  headers: Record<string, string | string[] | undefined>
  text: string
}

export type HostileSession = Awaited<ReturnType<typeof signIn>>

/** A client that sends what others would not: names as they are, bodies as they are. */
export async function signIn(address: string, username: string) {
  const agent = new Agent({ headersTimeout: 300_000, bodyTimeout: 300_000 })
  const register = await ask('POST', '/v1/auth/register', { json: { username, password: PASSWORD } })
  const login =
    register.status === 201 ? register : await ask('POST', '/v1/auth/login', { json: { username, password: PASSWORD } })
  const { access_token: token } = JSON.parse(login.text) as { access_token: string }
  // A key does not expire in the middle of a long run.
  const made = await ask('POST', '/v1/api-keys', { json: { name: 'hostile', scopes: ['read', 'write'] } }, token)
  const { key } = JSON.parse(made.text) as { key: string }

  async function ask(
    method: string,
    path: string,
    body: { json?: unknown; bytes?: Buffer; type?: string } = {},
    credential = '',
  ): Promise<Answer> {
    const headers: Record<string, string> = credential === '' ? {} : { authorization: `Bearer ${credential}` }
    if (body.json !== undefined) headers['content-type'] = 'application/json'
    if (body.type !== undefined) headers['content-type'] = body.type
    const payload = body.json === undefined ? body.bytes : JSON.stringify(body.json)
    const response = await request(address + path, {
      method: method as 'GET',
      headers,
      dispatcher: agent,
      ...(payload === undefined ? {} : { body: payload }),
    })
    return { status: response.statusCode, headers: response.headers, text: await response.body.text() }
  }

  return {
    address,
    token,
    key,
    call: (method: string, path: string, body: { json?: unknown; bytes?: Buffer; type?: string } = {}) =>
      ask(method, path, body, key),
    anonymously: ask,

    async bytes(path: string): Promise<Buffer> {
      const headers = { authorization: `Bearer ${key}` }
      const response = await request(address + path, { headers, dispatcher: agent })
      return Buffer.from(await response.body.arrayBuffer())
    },

    send: (path: string, files: readonly HostileFile[]) =>
      ask('POST', path, { bytes: toForm(files), type: `multipart/form-data; boundary=${BOUNDARY}` }, key),

    /** Calls back with the id of every upload that is finished. */
    async watch(onFinal: (id: string) => void): Promise<() => void> {
      const socket = new WebSocket(`${address.replace('http', 'ws')}/ws`, {
        headers: { authorization: `Bearer ${key}` },
      })
      socket.on('message', (data) => {
        const { action, payload } = JSON.parse(String(data)) as { action: string; payload?: { upload_id?: string } }
        if (action === 'ping') socket.send('{"type":"pong"}')
        const isFinal = action === 'upload_completed' || action === 'upload_failed'
        if (isFinal && payload?.upload_id !== undefined) onFinal(payload.upload_id)
      })
      await new Promise<void>((resolve, reject) => {
        socket.on('error', reject)
        socket.on('message', (data) => String(data).includes('"snapshot"') && resolve())
        socket.on('open', () => socket.send('{"type":"subscribe_all"}'))
      })
      return () => socket.close()
    },

    close: () => agent.close(),
  }
}

/** A form as a browser writes it: quotes and line ends in names are escaped, everything else is as it is. */
export function toForm(files: readonly Pick<HostileFile, 'name' | 'bytes'>[]): Buffer {
  const parts = files.flatMap(({ name, bytes }) => {
    const escaped = name.replaceAll('"', '%22').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
    const head = `--${BOUNDARY}\r\ncontent-disposition: form-data; name="file"; filename="${escaped}"\r\ncontent-type: application/octet-stream\r\n\r\n`
    return [Buffer.from(head), bytes, Buffer.from('\r\n')]
  })
  return Buffer.concat([...parts, Buffer.from(`--${BOUNDARY}--\r\n`)])
}
