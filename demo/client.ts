import { randomBytes } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { WebSocket } from 'ws'
import type { BatchDetail } from '#src/schemas/batches.js'
import type { SearchResult } from '#src/schemas/search.js'
import type { Upload } from '#src/schemas/uploads.js'
import type { Sample } from './samples.ts'

interface Account {
  username: string
  password: string
}

export interface ProgressMessage {
  action: string
  payload: {
    upload_id: string
    file_name: string
    status: string
    stage: string
    progress_percent: number
    message: string
    error_message: string | null
  }
}

/** A client of the public API, as anybody would write one. */
export async function connect(address: string, accountPath: string) {
  const account = await loadAccount(accountPath)
  const token = await logIn(address, account)
  const authorization = { authorization: `Bearer ${token}` }

  async function call<T>(method: string, path: string, body?: unknown): Promise<T> {
    const json = body !== undefined && !(body instanceof FormData)
    const response = await fetch(address + path, {
      method,
      headers: json ? { ...authorization, 'content-type': 'application/json' } : authorization,
      ...(body === undefined ? {} : { body: json ? JSON.stringify(body) : (body as FormData) }),
    })
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`)
    return (await response.json()) as T
  }

  return {
    account,
    upload: (sample: Sample) => call<Upload>('POST', '/v1/upload', toForm([sample])),
    batch: (samples: readonly Sample[]) => call<BatchDetail>('POST', '/v1/batches', toForm(samples)),
    get: (id: string) => call<Upload>('GET', `/v1/uploads/${id}`),
    search: (query: string) => call<SearchResult>('POST', '/v1/search', { query, limit: 3 }),

    /** Subscribes to everything; resolves when the snapshot has begun to arrive. */
    async watch(onMessage: (message: ProgressMessage) => void): Promise<() => void> {
      const socket = new WebSocket(`${address.replace('http', 'ws')}/ws`, { headers: authorization })
      await new Promise<void>((resolve, reject) => {
        socket.on('error', reject)
        socket.on('open', () => socket.send(JSON.stringify({ type: 'subscribe_all' })))
        socket.on('message', (data) => {
          const message = JSON.parse(String(data)) as ProgressMessage
          if (message.action === 'snapshot') resolve()
          onMessage(message)
        })
      })
      return () => socket.close()
    },
  }
}

function toForm(samples: readonly Sample[]): FormData {
  const form = new FormData()
  for (const { name, bytes } of samples) form.append('file', new Blob([bytes]), name)
  return form
}

/** The demo's account is made at its first run and remembered beside its data. */
async function loadAccount(path: string): Promise<Account> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as Account
  } catch {
    const account = { username: 'demo', password: randomBytes(12).toString('base64url') }
    await writeFile(path, JSON.stringify(account), { mode: 0o600 })
    return account
  }
}

async function logIn(address: string, account: Account): Promise<string> {
  const post = (path: string) =>
    fetch(address + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(account),
    })
  const registered = await post('/v1/auth/register')
  const response = registered.ok ? registered : await post('/v1/auth/login')
  if (!response.ok) throw new Error(`Could not log in: ${await response.text()}`)
  return ((await response.json()) as { access_token: string }).access_token
}
