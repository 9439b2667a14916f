import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import type { Test } from 'tap'

/** Content by `owner/name/path`. Files that end in .onnx are large ones: the hub redirects to where they are kept. */
export type HubFiles = Readonly<Record<string, Buffer>>

interface SeenRequest {
  readonly at: 'hub' | 'store'
  readonly method: string
  readonly file: string
  readonly revision: string
  readonly range: string | undefined
  readonly token: string | undefined
}

/** What happens instead of the right answer, once. */
type Misbehaviour = (response: ServerResponse, content: Buffer, startBytes: number) => unknown

export const sha256Of = (content: Buffer) => createHash('sha256').update(content).digest('hex')

/** Answers without the file. */
export const refuseWith =
  (status: number, headers: Record<string, string> = {}): Misbehaviour =>
  (response) =>
    response.writeHead(status, headers).end()

/** Sends the beginning of what was asked for; breaks the connection when that has arrived. */
export const cutAfter =
  (bytes: number, arrived: () => Promise<void>): Misbehaviour =>
  async (response, content, start) => {
    writeHead(response, content, start).write(content.subarray(start, start + bytes))
    await arrived()
    response.destroy()
  }

/** Sends the beginning, then nothing, for ever. */
export const stallAfter =
  (bytes: number): Misbehaviour =>
  (response, content, start) =>
    writeHead(response, content, start).write(content.subarray(start, start + bytes))

/** Sends something else, as if it were the file. */
export const sendInstead =
  (other: Buffer): Misbehaviour =>
  (response) =>
    writeHead(response, other, 0).end(other)

const sendRest: Misbehaviour = (response, content, start) =>
  writeHead(response, content, start).end(content.subarray(start))

/** Sends nothing until so many files have been asked for, then all of them. */
export function sendTogether(count: number): Misbehaviour {
  const waiting: (() => void)[] = []
  return (response, content, start) => {
    waiting.push(() => sendRest(response, content, start))
    if (waiting.length === count) for (const send of waiting) send()
  }
}

/** A hub on two ports of this machine: one that knows the files, and a store that it sends the reader to. */
export async function startLoopbackHub(t: Test, files: HubFiles) {
  const requests: SeenRequest[] = []
  const planned = new Map<string, Misbehaviour[]>()
  let [sending, mostAtOnce] = [0, 0]

  const hub = createServer((request, response) => answer('hub', request, response))
  const store = createServer((request, response) => answer('store', request, response))
  const [endpoint, storeAddress] = await Promise.all([listen(t, hub), listen(t, store)])

  function answer(at: 'hub' | 'store', request: IncomingMessage, response: ServerResponse): void {
    const { method = '', url = '', headers } = request
    const [, repository = '', revision = '', path = ''] = /^\/([^/]+\/[^/]+)\/resolve\/([^/]+)\/(.+)$/.exec(url) ?? []
    const file = `${repository}/${path}`
    requests.push({ at, method, file, revision, range: headers.range, token: headers.authorization })
    const content = files[file]
    const start = Number(/^bytes=(\d+)-$/.exec(headers.range ?? '')?.[1] ?? 0)
    const sends = chooseAnswer(at, method, file, start)
    if (method === 'GET') countUntilClosed(response)
    sends(response, content ?? Buffer.alloc(0), start)
  }

  function chooseAnswer(at: 'hub' | 'store', method: string, file: string, start: number): Misbehaviour {
    const content = files[file]
    if (content === undefined) return refuseWith(404)
    const misbehaviour = planned.get(`${at} ${method} ${file}`)?.shift()
    if (misbehaviour) return misbehaviour
    if (at === 'hub' && file.endsWith('.onnx')) return redirect
    if (start > content.length) return refuseWith(416)
    return method === 'HEAD' ? (response) => writeHead(response, content, 0).end() : sendRest
  }

  function countUntilClosed(response: ServerResponse): void {
    sending += 1
    mostAtOnce = Math.max(mostAtOnce, sending)
    response.on('close', () => {
      sending -= 1
    })
  }

  function redirect(response: ServerResponse, content: Buffer): void {
    const linked = { 'x-linked-size': String(content.length), 'x-linked-etag': `"${sha256Of(content)}"` }
    response.writeHead(302, { location: `${storeAddress}${response.req.url}`, ...linked }).end()
  }

  return {
    endpoint,
    requests,
    /** Plans what the next such requests are answered with, in this order. */
    plan(request: `${'hub' | 'store'} ${'GET' | 'HEAD'} ${string}`, ...misbehaviours: Misbehaviour[]) {
      planned.set(request, [...(planned.get(request) ?? []), ...misbehaviours])
    },
    /** Bodies that were under way at the same time, at most. */
    mostAtOnce: () => mostAtOnce,
    gets: (file: string) => requests.filter((seen) => seen.method === 'GET' && seen.file === file),
  }
}

/** A proxy that opens tunnels, and counts them by where they lead. */
export async function startLoopbackProxy(t: Test) {
  const tunnels: string[] = []
  const proxy = createServer()
  proxy.on('connect', (request, socket) => {
    const [host = '', port = ''] = (request.url ?? '').split(':')
    tunnels.push(`${host}:${port}`)
    const upstream = connect(Number(port), host, () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n')
      upstream.pipe(socket).pipe(upstream)
    })
    for (const end of [socket, upstream]) end.on('error', () => end.destroy())
    socket.on('close', () => upstream.destroy())
  })
  return { address: await listen(t, proxy), tunnels }
}

function writeHead(response: ServerResponse, content: Buffer, start: number): ServerResponse {
  const length = { 'content-length': content.length - start, etag: `"${sha256Of(content).slice(0, 40)}"` }
  if (start === 0) return response.writeHead(200, length)
  return response.writeHead(206, {
    ...length,
    'content-range': `bytes ${start}-${content.length - 1}/${content.length}`,
  })
}

async function listen(t: Test, server: Server): Promise<string> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.close()
    server.closeAllConnections()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}
