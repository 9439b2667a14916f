import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { WebSocket } from 'ws'
import { dial } from './raw.ts'
import { readMemoryMb } from './server-memory.ts'
import { signIn } from './session.ts'

export interface SocketAttacksOptions {
  address: string
  pid: number
  /** Opened at the same time from this address. */
  sockets: number
  say(line: string): void
}

const KIB = 1024

/** What nobody says, and with which code the server hangs up. */
export const MESSAGES: readonly [name: string, message: string | Buffer, code: number][] = [
  ['no JSON', 'hello', 4004],
  ['a list', '[]', 4004],
  ['nothing', '', 4004],
  ['an unknown type', '{"type":"drop_tables"}', 4004],
  ['a prototype', '{"__proto__":{"type":"subscribe_all"}}', 4004],
  ['an id that is none', '{"type":"subscribe_upload","upload_id":"../.."}', 4004],
  ['a moment that is none', '{"type":"subscribe_all","since":"yesterday"}', 4004],
  ['a binary message', randomBytes(100), 4004],
  ['brackets, 15 kB deep', '['.repeat(15 * KIB), 4004],
  ['more than may be said', 'x'.repeat(17 * KIB), 1009],
  ['a megabyte', 'x'.repeat(1024 * KIB), 1009],
]

/** What all sockets together may cost: some 25 kB each, and what the collector leaves lying. */
const MEMORY_PER_SOCKET_MB = 0.1
const MEMORY_SLACK_MB = 150

/** Floods and nonsense on /ws; the sentences of what was wrong. */
export async function runSocketAttacks({ address, pid, sockets, say }: SocketAttacksOptions): Promise<string[]> {
  const { key, close, anonymously } = await signIn(address, 'hostile')
  const url = `${address.replace('http', 'ws')}/ws`
  const problems: string[] = []
  const before = await readMemoryMb(pid)

  for (const [name, message, code] of MESSAGES) {
    const said = await sayOnce(url, key, message)
    if (said !== code) problems.push(`${name} closed the socket with ${said}`)
  }

  const { most, codes } = await crowd()
  say(`  ${sockets} sockets: ${before} MB before, ${most} MB with them, closed with ${codes}`)
  if (most - before > sockets * MEMORY_PER_SOCKET_MB + MEMORY_SLACK_MB)
    problems.push(`The crowd cost ${most - before} MB`)

  for (const [name, frame] of FLOODS) {
    const start = await readMemoryMb(pid)
    const { sentMb, wasCut } = await flood(address, key, frame)
    const grown = (await readMemoryMb(pid)) - start
    say(`  ${name} by a client that never reads: ${sentMb} MB sent, ${wasCut ? 'cut off' : 'kept'}, ${grown} MB more`)
    if (grown > MEMORY_SLACK_MB) problems.push(`${name} made the server grow by ${grown} MB`)
  }
  const { status } = await anonymously('GET', '/health')
  if (status !== 200) problems.push(`The server is not well: ${status}`)
  await close()
  say(`  ${MESSAGES.length} messages, ${sockets} sockets, ${FLOODS.length} floods, ${problems.length} problems`)
  return problems

  /** Many at once, of whom none says who they are. */
  async function crowd() {
    const closed: Promise<number>[] = []
    for (let opened = 0; opened < sockets; opened += 100) {
      const some = Array.from({ length: Math.min(100, sockets - opened) }, () => new WebSocket(url))
      closed.push(...some.map((socket) => closeCode(socket)))
      await Promise.all(some.map((socket) => Promise.race([once(socket, 'open'), closeCode(socket)])))
    }
    const most = await readMemoryMb(pid)
    const counts = new Map<number, number>()
    for (const code of await Promise.all(closed)) counts.set(code, (counts.get(code) ?? 0) + 1)
    if ((counts.get(4001) ?? 0) + (counts.get(4003) ?? 0) !== sockets) problems.push('Some sockets stayed open')
    return { most, codes: [...counts].map(([code, count]) => `${code} (${count})`).join(', ') }
  }
}

function closeCode(socket: WebSocket): Promise<number> {
  return new Promise((resolve) => {
    socket.on('error', () => undefined)
    socket.on('close', resolve)
  })
}

async function sayOnce(url: string, key: string, message: string | Buffer): Promise<number> {
  const socket = new WebSocket(url, { headers: { authorization: `Bearer ${key}` } })
  const closed = closeCode(socket)
  socket.on('message', (data) => String(data).includes('auth_success') && socket.send(message))
  return closed
}

const junk = 'j'.repeat(15 * KIB)
const unknownId = '01900000-0000-7000-8000-000000000000'

const FLOODS: readonly [name: string, frame: Buffer][] = [
  ['Pings', maskedFrame(0x89, Buffer.alloc(125))],
  [
    'Messages with junk',
    maskedFrame(0x81, Buffer.from(`{"type":"subscribe_upload","upload_id":"${unknownId}","junk":"${junk}"}`)),
  ],
  [
    'Subscriptions to everything',
    maskedFrame(0x81, Buffer.from('{"type":"subscribe_all","since":"2000-01-01T00:00:00Z"}')),
  ],
]

const FLOOD_MAX_MB = 100
const FLOOD_MAX_MS = 8_000

/** Says the same again and again and reads nothing, until it is cut off or has said enough. */
async function flood(address: string, key: string, frame: Buffer): Promise<{ sentMb: number; wasCut: boolean }> {
  const socket = dial(address)
  let wasCut = false
  socket.on('close', () => {
    wasCut = true
  })
  socket.write(
    `GET /ws HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${key}\r\nconnection: Upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: ${randomBytes(16).toString('base64')}\r\n\r\n`,
  )
  await once(socket, 'readable')
  const chunk = Buffer.concat(Array.from({ length: Math.ceil((64 * KIB) / frame.length) }, () => frame))
  const endMs = performance.now() + FLOOD_MAX_MS
  while (!wasCut && socket.bytesWritten < FLOOD_MAX_MB * KIB * KIB && performance.now() < endMs) {
    if (socket.write(chunk)) continue
    const waiting = new AbortController()
    const timer = setTimeout(() => waiting.abort(), Math.max(1, endMs - performance.now()))
    const woken = { signal: waiting.signal }
    await Promise.race([once(socket, 'drain', woken), once(socket, 'close', woken)]).catch(() => undefined)
    clearTimeout(timer)
    waiting.abort()
  }
  const sentMb = Math.round(socket.bytesWritten / KIB / KIB)
  socket.destroy()
  return { sentMb, wasCut }
}

/** One frame as a client writes it, with a mask of zeros (RFC 6455, 5.2). */
function maskedFrame(head: number, payload: Buffer): Buffer {
  const mask = Buffer.alloc(4)
  if (payload.length < 126) return Buffer.concat([Buffer.from([head, 0x80 | payload.length]), mask, payload])
  const length = Buffer.alloc(2)
  length.writeUInt16BE(payload.length)
  return Buffer.concat([Buffer.from([head, 0x80 | 126]), length, mask, payload])
}
