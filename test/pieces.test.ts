import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { PassThrough } from 'node:stream'
import { setImmediate as nextTurn } from 'node:timers/promises'
import t from 'tap'
import { WebSocket, WebSocketServer } from 'ws'
import { createLane } from '#src/background/lane.js'
import { createSpareMemory } from '#src/background/spare-memory.js'
import { createProgressBus, toBatchProgress, toUploadProgress } from '#src/progress.js'
import { parseRange } from '#src/routes/range.js'
import { createOutbox } from '#src/routes/ws-outbox.js'
import { decodeCursor, encodeCursor, isId, isMoment, isPosition } from '#src/services/cursor.js'
import { cleanFilename } from '#src/services/filenames.js'
import { fuse } from '#src/services/fusion.js'
import { silent } from './helpers/database.ts'
import { until } from './helpers/until.ts'

t.test('file names lose folders, control and direction marks, and keep their script and extension', async (t) => {
  t.equal(cleanFilename('C:\\Users\\me\\été à la plage.jpg'), 'été à la plage.jpg')
  t.equal(cleanFilename('../../etc/passwd'), 'passwd')
  t.equal(cleanFilename('photo\u202egpj.exe'), 'photogpj.exe')
  t.equal(cleanFilename('a\u0000b\nc.png'), 'abc.png')
  t.equal(cleanFilename(undefined), 'unnamed')
  t.equal(cleanFilename('..'), 'unnamed')
  t.equal(cleanFilename('家族写真 🐕.heic'), '家族写真 🐕.heic')
  const long = cleanFilename(`${'🐕'.repeat(10_000)}.jpeg`)
  t.equal([...long].length, 255)
  t.ok(long.endsWith('🐕.jpeg'))
})

t.test('a byte range is read as RFC 9110 says', async (t) => {
  t.same(parseRange('bytes=0-9', 100), { start: 0, end: 9 })
  t.same(parseRange('bytes=90-', 100), { start: 90, end: 99 })
  t.same(parseRange('bytes=-10', 100), { start: 90, end: 99 })
  t.same(parseRange('bytes=-1000', 100), { start: 0, end: 99 })
  t.same(parseRange('bytes=50-1000', 100), { start: 50, end: 99 })
  t.equal(parseRange('bytes=100-', 100), 'unsatisfiable')
  t.equal(parseRange('bytes=-0', 100), 'unsatisfiable')
  for (const ignored of ['bytes=9-1', 'bytes=-', 'items=0-1', 'bytes=0-1,5-6', 'bytes=a-b']) {
    t.equal(parseRange(ignored, 100), undefined, ignored)
  }
})

t.test('a cursor comes back as it was given out, and nothing else is taken', async (t) => {
  const id = '01a200cf-fe1a-7604-aeab-542d3c325592'
  t.same(decodeCursor(encodeCursor([7, id]), [isPosition, isId]), ['7', id])
  t.ok(isMoment('2024-02-29T12:00:00.123456Z'))
  for (const moment of ['2024-13-45T25:61:61.000000Z', '2024-02-29 12:00:00+00', 'now'])
    t.notOk(isMoment(moment), moment)
  const hostile = [
    '',
    '!',
    encodeCursor([999_999_999_999_999, id]),
    'bnVsbA',
    encodeCursor([7]),
    encodeCursor(["7' or 1=1", id]),
    encodeCursor([7, id, 1]),
  ]
  for (const cursor of hostile) {
    t.throws(() => decodeCursor(cursor, [isPosition, isId]), { code: 'CURSOR_INVALID' }, cursor)
  }
})

t.test('fusion ranks what several signals agree on first, and gives it the best score', async (t) => {
  const hit = (uploadId: string, score: number) => ({ uploadId, score })
  const fused = fuse([
    { signal: 'text', hits: [hit('words', 0.9), hit('both', 0.5)] },
    { signal: 'description', hits: [hit('meaning', 0.8), hit('both', 0.7)] },
  ])
  t.equal(fused[0]?.uploadId, 'both')
  t.same(fused[0]?.signals, { text: 0.5, description: 0.7 })
  t.ok(fused.every(({ score }) => score > 0 && score <= 1))
  const only = [{ signal: 'text' as const, hits: [hit('only', 0.1)] }]
  t.equal(fuse([...only, { signal: 'picture', hits: [] }])[0]?.score, 1, 'first in all that found anything')
  t.same(fuse([]), [])
})

t.test('the very words come before everything else that the signals find', async (t) => {
  const hits = Array.from({ length: 200 }, (_, index) => ({ uploadId: `exact ${index}`, score: 1 - index / 1000 }))
  const best = [{ uploadId: 'everything else', score: 1 }]
  const others = (['text', 'description', 'picture'] as const).map((signal) => ({ signal, hits: best }))
  const fused = fuse([{ signal: 'exact', hits }, ...others])
  t.equal(
    fused.findIndex(({ uploadId }) => uploadId === 'everything else'),
    200,
  )
})

t.test('of two models with the same signal the better rank counts, not both', async (t) => {
  const list = (ids: readonly string[]) => ({
    signal: 'picture' as const,
    hits: ids.map((uploadId) => ({ uploadId, score: 0.5 })),
  })
  const fused = fuse([list(['seen by both', 'x']), list(['seen by one', 'seen by both'])])
  t.equal(fused[0]?.score, fused[1]?.score)
})

t.test('a lane does all work with bounded concurrency, loses no bell, and goes on after an error', async (t) => {
  let waiting = 25
  let active = 0
  let most = 0
  let fails = 1
  const errors: unknown[] = []
  const idle = withResolvers()
  const lane = createLane({
    concurrency: 3,
    async step() {
      if (waiting === 0) {
        if (active === 0) idle.resolve()
        return false
      }
      if (fails-- > 0) throw new Error('the database is away')
      waiting--
      most = Math.max(most, ++active)
      await new Promise((done) => setImmediate(done))
      active--
      return true
    },
    onError: (thrown) => errors.push(thrown),
  })
  for (let bell = 0; bell < 50; bell++) lane.ring()
  await idle.promise
  await lane.stop()
  t.equal(waiting, 0)
  t.equal(most, 3)
  t.equal(errors.length, 1)
  waiting = 1
  lane.ring()
  await lane.stop()
  t.equal(waiting, 1, 'a stopped lane begins nothing')
})

function withResolvers() {
  let resolve = () => {}
  const promise = new Promise<void>((done) => {
    resolve = done
  })
  return { promise, resolve }
}

t.test('a slow client gets the newest state of each upload, every final event, and numbered messages', async (t) => {
  const sent: Record<string, unknown>[] = []
  const drained: (() => void)[] = []
  const socket = {
    OPEN: 1,
    readyState: 1,
    bufferedAmount: 0,
    closed: 0,
    close(code: number) {
      this.closed = code
    },
    send(text: string, done: () => void) {
      sent.push(JSON.parse(text))
      drained.push(done)
    },
  }
  const outbox = createOutbox({ socket: socket as never, stream: new PassThrough(), gatherMs: () => 0 })
  outbox.push({ action: 'upload_progress', percent: 1 }, 'upload:a')
  socket.bufferedAmount = 10e6
  for (let percent = 2; percent <= 50; percent++) outbox.push({ action: 'upload_progress', percent }, 'upload:a')
  outbox.push({ action: 'upload_completed', id: 'b' })
  outbox.push({ action: 'upload_completed', id: 'c' })
  t.equal(sent.length, 1, 'what the socket cannot take waits')
  socket.bufferedAmount = 0
  drained.shift()?.()
  t.same(
    sent.map(({ seq, percent, id }) => [seq, percent ?? id]),
    [
      [1, 1],
      [2, 50],
      [3, 'b'],
      [4, 'c'],
    ],
  )
  await outbox.holding(async () => {
    outbox.push({ action: 'upload_progress', percent: 60 }, 'upload:a')
    const first = outbox.sendFirst({ action: 'snapshot' })
    drained.at(-1)?.()
    await first
    t.equal(sent.at(-1)?.action, 'snapshot', 'a snapshot goes ahead of what is held back')
  })
  t.equal(sent.at(-1)?.percent, 60)
  socket.bufferedAmount = 10e6
  for (let count = 0; count < 10_001; count++) outbox.push({ action: 'upload_completed' })
  t.equal(socket.closed, 1013, 'a client that never reads is sent away')
})

t.test('what is told in quick succession shares a write; the first and an answer leave at once', async (t) => {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  t.teardown(() => server.close())
  await once(server, 'listening')
  const connected = once(server, 'connection') as Promise<[WebSocket, IncomingMessage]>
  const client = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`)
  t.teardown(() => client.terminate())
  const heard: { action: string; seq: number }[] = []
  client.on('message', (data) => heard.push(JSON.parse(String(data))))
  const [[response], [socket, request]] = await Promise.all([
    once(client, 'upgrade') as Promise<[IncomingMessage]>,
    connected,
    once(client, 'open'),
  ])
  let chunks = 0
  response.socket.on('data', () => chunks++)
  const outbox = createOutbox({ socket, stream: request.socket, gatherMs: () => 200 })

  outbox.push({ action: 'upload_progress' }, 'upload:a')
  t.equal(request.socket.writableCorked, 1, 'what follows is gathered')
  await once(client, 'message')
  for (let told = 0; told < 200; told++) {
    outbox.push({ action: 'upload_progress' }, 'upload:a')
    await nextTurn()
  }
  outbox.push({ action: 'upload_completed' })
  await until(() => heard.length === 202)
  t.ok(chunks < 50, `${chunks} writes for 202 messages`)
  outbox.push({ action: 'upload_progress' }, 'upload:a')
  await outbox.sendFirst({ action: 'snapshot' })
  t.equal(request.socket.writableLength, 0, 'an answer waits for nobody')
  await until(() => heard.at(-1)?.action === 'snapshot')
  t.same(
    heard.map(({ seq }) => seq),
    Array.from({ length: 204 }, (_, number) => number + 1),
  )
  await until(() => request.socket.writableCorked === 0)
  t.equal(request.socket.writableCorked, 0, 'after a silence the next message leaves at once again')

  const alone = createOutbox({ socket, stream: request.socket, gatherMs: () => 0.5 })
  for (const action of ['upload_progress', 'upload_completed']) alone.push({ action })
  t.equal(request.socket.writableLength, 0, 'to a single listener nothing is gathered')
})

t.test('the bus tells only the owner, and a listener that throws disturbs nobody', async (t) => {
  const errors: unknown[] = []
  const bus = createProgressBus((thrown) => errors.push(thrown))
  const heard: string[] = []
  const ann = { userId: 'ann', role: 'member' } as const
  bus.subscribe(ann, () => {
    throw new Error('broken listener')
  })
  const stop = bus.subscribe(ann, () => heard.push('ann'))
  bus.subscribe({ userId: 'bob', role: 'administrator' }, () => heard.push('bob'))
  const batch = {
    id: 'b',
    status: 'processing',
    total: 10,
    duplicates: 1,
    rejected: 1,
    succeeded: 2,
    failed: 1,
    cancelled: 0,
    deleted: 0,
    workMs: 3000,
  } as const
  bus.publish({ action: 'batch_progress', userId: 'ann', payload: toBatchProgress(batch) })
  t.same(heard, ['ann'])
  t.equal(errors.length, 1)
  bus.publish({ action: 'models_progress', payload: { active: 'basic', switching: null } })
  t.same(heard, ['ann', 'bob'], 'what is about the server goes to administrators')
  stop()
  bus.publish({ action: 'batch_progress', userId: 'ann', payload: toBatchProgress(batch) })
  t.same(heard, ['ann', 'bob'])
  t.match(toBatchProgress(batch), { processed: 5, progress_percent: 50, eta_seconds: 5 })
})

t.test('progress never goes back within an attempt and says which frame it is at', async (t) => {
  const upload = {
    id: 'u',
    filename: 'a.mp4',
    fileSize: 1,
    status: 'analyzing',
    errorMessage: null,
    descriptionAuditScore: null,
  } as const
  const percents = [
    toUploadProgress({ ...upload, stage: 'probing' }, null),
    toUploadProgress({ ...upload, stage: 'vision_analysis' }, null, { done: 0, of: 10 }),
    toUploadProgress({ ...upload, stage: 'vision_analysis' }, null, { done: 9, of: 10 }),
    toUploadProgress({ ...upload, stage: 'description_audit' }, null),
    toUploadProgress({ ...upload, stage: 'embedding_generation' }, null, { done: 5, of: 10 }),
    toUploadProgress({ ...upload, stage: 'indexing' }, null),
    toUploadProgress({ ...upload, stage: 'completed' }, null),
  ].map((progress) => progress.progress_percent)
  t.same(
    percents,
    [...percents].sort((a, b) => a - b),
  )
  t.equal(percents.at(-1), 100)
  t.match(toUploadProgress({ ...upload, stage: 'vision_analysis' }, null, { done: 3, of: 10 }).message, /3 of 10/)
})

t.test('memory that was given up goes back to the system when there is nothing to do', async (t) => {
  const { default: koffi } = await import('koffi')
  const isGlibc =
    process.platform === 'linux' &&
    existsSync('/proc/self/maps') &&
    /libc\.so\.6/.test(readFileSync('/proc/self/maps', 'utf8'))
  if (!isGlibc) return t.comment('glibc is what keeps it')
  const libc = koffi.load('libc.so.6')
  const malloc = libc.func('void *malloc(size_t size)')
  const fill = libc.func('void *memset(void *block, int byte, size_t size)')
  const free = libc.func('void free(void *block)')
  const [size, count] = [64 * 1024, 2000]
  const blocks = Array.from({ length: count }, () => fill(malloc(size), 1, size))
  // The last one stays, so that nothing lies at the end of the heap.
  for (const block of blocks.slice(0, -1)) free(block)
  const freedBytes = size * (count - 1)
  const keptBytes = process.memoryUsage.rss()
  const spare = createSpareMemory(silent, { quietMs: 0 })
  t.teardown(() => spare.stop())
  spare.idle()
  spare.idle()
  await until(() => process.memoryUsage.rss() < keptBytes - freedBytes / 2)
  t.ok(process.memoryUsage.rss() < keptBytes - freedBytes / 2, `of ${keptBytes} bytes`)
  free(blocks.at(-1))
})
