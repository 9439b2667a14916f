import { dial, say as sayRaw, statusOf } from './raw.ts'
import { type HostileSession, signIn } from './session.ts'

export interface HttpAttacksOptions {
  address: string
  say(line: string): void
}

interface Attack {
  name: string
  bytes: (credential: string) => string
  /** The statuses that are right; 0: the connection is closed without a word. */
  right: readonly number[]
}

const KIB = 1024
const LINES = 'host: x\r\n'

const post = (path: string, type: string, body: string, credential: string) =>
  `POST ${path} HTTP/1.1\r\n${LINES}authorization: Bearer ${credential}\r\ncontent-type: ${type}\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`

const json = (name: string, body: string, right: readonly number[], path = '/v1/search'): Attack => ({
  name,
  bytes: (credential) => post(path, 'application/json', body, credential),
  right,
})

const form = (
  name: string,
  body: string,
  right: readonly number[],
  type = 'multipart/form-data; boundary=b',
): Attack => ({
  name,
  bytes: (credential) => post('/v1/upload', type, body, credential),
  right,
})

const get = (name: string, path: string, right: readonly number[], lines = ''): Attack => ({
  name,
  bytes: (credential) =>
    `GET ${path} HTTP/1.1\r\n${LINES}authorization: Bearer ${credential}\r\nconnection: close\r\n${lines}\r\n`,
  right,
})

const raw = (name: string, bytes: string, right: readonly number[]): Attack => ({ name, bytes: () => bytes, right })

const part = (name: string) => `--b\r\ncontent-disposition: form-data; name="${name}"\r\n\r\nx\r\n`

/** Shapes of requests that no honest client sends, and how each is answered. */
export const ATTACKS: readonly Attack[] = [
  form('a form without a boundary', '--b--\r\n', [400, 415], 'multipart/form-data'),
  form('a form that is empty', '', [400]),
  form('a form that ends early', '--b\r\ncontent-disposition: form-data; name="file"; filename="a"\r\n\r\nx', [400]),
  form('a part with endless headers', `--b\r\n${'x-a: b\r\n'.repeat(100_000)}\r\nx\r\n--b--\r\n`, [400, 413]),
  form('a part with one long header', `--b\r\nx-a: ${'b'.repeat(900 * KIB)}\r\n\r\nx\r\n--b--\r\n`, [400, 413]),
  form('a hundred thousand parts', `${part('a').repeat(100_000)}--b--\r\n`, [400, 413]),
  form('parts named as prototypes', `${part('__proto__')}${part('constructor')}--b--\r\n`, [400]),
  form(
    'a form in a form',
    '--b\r\ncontent-type: multipart/mixed; boundary=c\r\n\r\n--c\r\n\r\nx\r\n--c--\r\n--b--\r\n',
    [400],
  ),
  form('a boundary of 10 kB', 'x', [400, 415, 431], `multipart/form-data; boundary=${'b'.repeat(10 * KIB)}`),

  json('a body of 1 MB of brackets', '['.repeat(1024 * KIB), [413]),
  json('a body of 60 kB of brackets', '['.repeat(60 * KIB), [400]),
  json('a body nested thirty thousand deep', `${'['.repeat(30_000)}${']'.repeat(30_000)}`, [400]),
  json('an object nested ten thousand deep', `${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}`, [400]),
  json('thirty thousand unknown members', `{${Array.from({ length: 6000 }, (_, i) => `"m${i}":0`).join(',')}}`, [400]),
  json('a long array', `{"upload_ids":[${'"x",'.repeat(15_000)}"x"]}`, [400], '/v1/uploads/bulk/hide'),
  json('ten thousand wrong ids', `{"upload_ids":[${'"x",'.repeat(100_000)}"x"]}`, [400], '/v1/batches'),
  json('a prototype', '{"query":"x","__proto__":{"show_hidden":true}}', [400]),
  json('a constructor', '{"query":"x","constructor":{"prototype":{"a":1}}}', [400]),
  json('a number of 60,000 digits', `{"query":"x","limit":${'9'.repeat(60_000)}}`, [400]),
  json('half a character', '{"query":"\\ud800"}', [200, 400]),
  json('a NUL', '{"query":"a\\u0000b"}', [400]),

  get('an address of 100 kB', `/${'a'.repeat(100 * KIB)}`, [400, 414, 431, 0]),
  get('an id of 10 kB', `/v1/uploads/${'a'.repeat(10 * KIB)}`, [400, 404, 414]),
  get('64 kB of headers', '/health', [400, 431, 0], `x-a: ${'b'.repeat(64 * KIB)}\r\n`),
  get('5000 headers', '/health', [400, 431, 0, 200], 'x-a: b\r\n'.repeat(1500)),
  get('a path upwards', '/v1/uploads/../../etc/passwd', [400, 404]),
  get('an encoded path upwards', '/v1/uploads/%2e%2e%2f%2e%2e%2fetc%2fpasswd/file', [400, 404]),
  get('a path out of the documentation', '/docs/static/..%2f..%2f..%2fpackage.json', [400, 403, 404]),
  get('a path with a NUL', '/v1/uploads/%00', [400, 404]),
  get('SQL in an id', "/v1/uploads/'%20or%20'1'='1", [400, 404]),
  get('a prototype in the query', '/v1/uploads?__proto__[a]=1&constructor=x&limit=5', [200, 400]),
  get('the same parameter a thousand times', `/v1/uploads?${'limit=1&'.repeat(1000)}`, [200, 400]),
  get('a million ranges', '/v1/uploads', [200, 400, 431, 0], `range: bytes=${'0-1,'.repeat(3000)}0-1\r\n`),

  raw(
    'a length and chunks (CL.TE)',
    `POST /v1/auth/login HTTP/1.1\r\n${LINES}content-length: 4\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\nGET /smuggled HTTP/1.1\r\n${LINES}\r\n`,
    [400],
  ),
  raw('two lengths', `POST / HTTP/1.1\r\n${LINES}content-length: 4\r\ncontent-length: 5\r\n\r\nabcde`, [400]),
  raw('a folded header', `GET /health HTTP/1.1\r\n${LINES}x-a: b\r\n c\r\n\r\n`, [400, 200]),
  raw('a bare carriage return', `GET /health HTTP/1.1\r\nhost: x\rx-a: b\r\n\r\n`, [400]),
  raw('a space before the colon', `POST / HTTP/1.1\r\n${LINES}content-length : 4\r\n\r\nabcd`, [400]),
  raw('an unknown coding', `POST / HTTP/1.1\r\n${LINES}transfer-encoding: xchunked\r\n\r\n0\r\n\r\n`, [400, 404]),
  raw(
    'a chunk of a size that is none',
    `POST / HTTP/1.1\r\n${LINES}transfer-encoding: chunked\r\n\r\nzz\r\n`,
    [400, 404],
  ),
  raw('no host', 'GET /health HTTP/1.1\r\n\r\n', [400]),
  raw('another protocol', 'SSH-2.0-OpenSSH_9.0\r\n', [400]),
  raw('the start of TLS', '\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001', [400]),
]

/** Connections that never finish their headers, held open at once. */
const SLOW_CONNECTIONS = 200
/** What everybody else may wait meanwhile, on a busy machine. */
const ANSWER_MAX_MS = 1500

/** Sends every attack to a server; the sentences of what was wrong. */
export async function runHttpAttacks({ address, say }: HttpAttacksOptions): Promise<string[]> {
  const session = await signIn(address, 'hostile')
  const problems: string[] = []
  for (const { name, bytes, right } of ATTACKS) {
    const answer = await sayRaw(address, bytes(session.key))
    const status = statusOf(answer)
    if (!right.includes(status)) problems.push(`${name} was answered with ${status}: ${answer.slice(0, 300)}`)
    if (answer.includes('smuggled')) problems.push(`${name} brought a second request through`)
  }
  problems.push(...(await holdConnections(session)), ...(await injectHeaders(session)))
  await session.close()
  say(`  ${ATTACKS.length} shapes of requests, ${SLOW_CONNECTIONS} slow connections, ${problems.length} problems`)
  return problems
}

/** While many connections dawdle, others are answered at once. */
async function holdConnections({ address, anonymously }: HostileSession): Promise<string[]> {
  const sockets = Array.from({ length: SLOW_CONNECTIONS }, () => dial(address))
  for (const socket of sockets) socket.write('GET /health HTTP/1.1\r\nhost: x\r\nx-slow: ')
  let longestMs = 0
  for (let round = 0; round < 10; round++) {
    for (const socket of sockets) socket.write('a')
    const startedMs = performance.now()
    await anonymously('GET', '/health')
    longestMs = Math.max(longestMs, performance.now() - startedMs)
  }
  for (const socket of sockets) socket.destroy()
  return longestMs > ANSWER_MAX_MS ? [`With slow connections an answer took ${Math.round(longestMs)} ms`] : []
}

/** A smallest GIF. */
const PICTURE = Buffer.from('47494638396101000100800000000000ffffff2c00000000010001000002024401003b', 'hex')

/** Names come back in a header: whatever is in them stays in it. */
async function injectHeaders(session: HostileSession): Promise<string[]> {
  const problems: string[] = []
  const names = ['a\r\nx-injected: 1', 'a\u0000b', 'a"; x-injected=1', '\u{1f4a9}\ud800', 'a\u2028x-injected: 1']
  for (const [number, name] of names.entries()) {
    const bytes = Buffer.concat([PICTURE, Buffer.from(String(number))])
    const file = { number, kind: 'name', name, bytes, refers: false }
    const answer = await session.send('/v1/upload', [file])
    const { id } = JSON.parse(answer.text) as { id?: string }
    if (id === undefined) continue
    const { status, headers } = await session.call('GET', `/v1/uploads/${id}/file`)
    if (status !== 200 || 'x-injected' in headers) problems.push(`The name ${JSON.stringify(name)} gave ${status}`)
    if (!String(headers['content-disposition']).startsWith('attachment;'))
      problems.push('An original is shown, not saved')
  }
  return problems
}
