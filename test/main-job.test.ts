import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import sharp from 'sharp'
import t from 'tap'
import { v7 as uuidv7 } from 'uuid'
import { WebSocket } from 'ws'
import { loadConfig } from '#src/config.js'
import { createMedia } from '#src/media/create-media.js'
import type { BatchDetail } from '#src/schemas/batches.js'
import type { SearchResult } from '#src/schemas/search.js'
import type { Upload, UploadMetadata } from '#src/schemas/uploads.js'
import { startApp } from './helpers/app.ts'
import { collect, form, openClient } from './helpers/client.ts'
import { type Bytes, photo, picture, video } from './helpers/samples.ts'
import { until } from './helpers/until.ts'

const UPLOAD_MAX_BYTES = 3_000_000
const { address, dataDir, config } = await startApp(t, {
  UPLOAD_MAX_BYTES: String(UPLOAD_MAX_BYTES),
  MODEL_WORKERS: '2',
})
const ann = await openClient(address, 'ann')
const bob = await openClient(address, 'bob')

const text = (content: string): Bytes => new Uint8Array(Buffer.from(content))

/** The names left in `tmp/` when it has settled: the pipeline writes its renditions there for an instant, too. */
async function temporaryFiles(): Promise<string[]> {
  let names: string[] = []
  await until(async () => {
    names = await readdir(join(dataDir, 'tmp'))
    return names.length === 0
  })
  return names
}

t.test('a photo is answered at once, developed in the background, described and found', async (t) => {
  const bytes = await photo('nagasaki-boats')
  const watch = await ann.watch()
  const { status, headers, body } = await ann.upload(bytes, 'harbour.jpg')
  t.equal(status, 201)
  t.equal(headers.get('location'), `/v1/uploads/${body.id}`)
  t.match(body, {
    status: 'pending',
    file_type: 'image',
    mime_type: 'image/jpeg',
    filename: 'harbour.jpg',
    file_size: bytes.length,
  })
  t.equal(body.sha256, createHash('sha256').update(bytes).digest('hex'))

  await watch.until(({ action, payload }) => action === 'upload_completed' && payload.upload_id === body.id)
  const stages = watch.messages
    .filter(({ payload }) => payload?.upload_id === body.id)
    .map(({ payload }) => payload.stage)
  for (const stage of [
    'probing',
    'thumbnail',
    'vision_analysis',
    'description_audit',
    'embedding_generation',
    'indexing',
    'completed',
  ]) {
    t.ok(stages.includes(stage), `${stage} was told`)
  }
  const seqs = watch.messages.map(({ seq }) => seq)
  t.same(
    seqs,
    [...seqs].sort((a, b) => a - b),
    'messages are numbered',
  )
  watch.socket.close()

  const upload = (await ann.call<Upload>('GET', `/v1/uploads/${body.id}`)).body
  t.match(upload, { status: 'completed', attempts: 1, error_code: null, description: /boat/i })
  t.ok(upload.width && upload.height && upload.thumbhash)
  t.ok((upload.description_audit_score ?? 0) > 50)

  const { body: record } = await ann.call<{ items: { stage: string; outcome: string }[] }>(
    'GET',
    `/v1/uploads/${body.id}/stages`,
  )
  t.same(
    record.items.map(({ stage, outcome }) => [stage, outcome]),
    ['probe', 'thumbnail', 'analyze', 'embed', 'index'].map((stage) => [stage, 'done']),
  )
  const { body: details } = await ann.call<UploadMetadata>('GET', `/v1/uploads/${body.id}/metadata`)
  t.ok(details.objects.some(({ label }) => label === 'boat'))

  for (const query of ['boats', 'a ship on the water', 'harbour']) {
    const { body: result } = await ann.call<SearchResult>('POST', '/v1/search', { query })
    t.equal(result.hits[0]?.upload.id, body.id, `found by "${query}"`)
  }
})

t.test('the same bytes again are the same upload, also when copies arrive at the same moment', async (t) => {
  const bytes = await picture(1)
  const answers = await Promise.all(Array.from({ length: 6 }, (_, index) => ann.upload(bytes, `copy ${index}.png`)))
  t.same(answers.map(({ status }) => status).sort(), [200, 200, 200, 200, 200, 201])
  t.equal(new Set(answers.map(({ body }) => body.id)).size, 1)
  const other = await bob.upload(bytes)
  t.equal(other.status, 201, 'another user has an upload of their own')
  t.not(other.body.id, answers[0]?.body.id)
  const userId = (await ann.call<{ user: { id: string } }>('GET', '/v1/auth/me')).body.user.id
  const folders = await readdir(join(dataDir, 'media', userId))
  const { body: list } = await ann.call<{ items: Upload[] }>('GET', '/v1/uploads?show_hidden=true&limit=200')
  t.same(folders.sort(), list.items.map(({ id }) => id).sort(), 'a folder for every row and a row for every folder')
  t.same(await temporaryFiles(), [])
})

t.test('what cannot be taken is refused with its own error, and nothing is left behind', async (t) => {
  const jpeg = await photo('nagasaki-boats')
  const cases: [string, number, string, FormData | undefined][] = [
    ['no file', 400, 'UPLOAD_NO_FILE', form([])],
    ['an empty file', 400, 'UPLOAD_EMPTY', form([['empty.jpg', new Uint8Array()]])],
    [
      'several files',
      400,
      'UPLOAD_SEVERAL_FILES',
      form([
        ['a.png', await picture(2)],
        ['b.png', await picture(3)],
      ]),
    ],
    ['a text called .jpg', 415, 'UPLOAD_TYPE_UNSUPPORTED', form([['a.jpg', text('hello, I am a text')]])],
    ['SVG', 415, 'UPLOAD_TYPE_UNSUPPORTED', form([['a.svg', text('<svg xmlns="http://www.w3.org/2000/svg"/>')]])],
    ['a truncated photo', 422, 'UPLOAD_TRUNCATED', form([['cut.jpg', jpeg.slice(0, jpeg.length / 2)]])],
    ['a file that is too large', 413, 'UPLOAD_TOO_LARGE', form([['big.jpg', new Uint8Array(UPLOAD_MAX_BYTES + 1)]])],
  ]
  for (const [name, status, code, body] of cases) {
    const answer = await ann.call<{ code: string; detail: string; accepted_types?: string[] }>(
      'POST',
      '/v1/upload',
      body,
    )
    t.equal(answer.status, status, name)
    t.equal(answer.body?.code, code, name)
    t.equal(answer.headers.get('content-type'), 'application/problem+json; charset=utf-8', name)
    if (status === 415) t.ok(answer.body.accepted_types?.includes('image/jpeg'), 'the list of what is taken')
  }
  const json = await ann.call<{ code: string }>('POST', '/v1/upload', { file: 'x' })
  t.match(json, { status: 415, body: { code: 'MEDIA_TYPE_UNSUPPORTED' } })
  t.same(await temporaryFiles(), [])
})

t.test('a photo named and labelled as something else is taken for what it is', async (t) => {
  const png = await picture(4)
  const { status, body } = await ann.upload(png, 'really a video.mp4')
  t.equal(status, 201)
  t.match(body, { mime_type: 'image/png', file_type: 'image', filename: 'really a video.mp4' })
})

/** Sends bytes as they are and gives back everything that came until the server closed the connection. */
async function rawRequest(head: string, body: Bytes | string, hangUp = false): Promise<string> {
  const { hostname, port } = new URL(address)
  const socket = connect(Number(port), hostname)
  let answer = ''
  const closed = new Promise<string>((resolve) => {
    socket.on('data', (data) => {
      answer += data
      if (/\r\n\r\n[\s\S]*\}$/.test(answer)) socket.end()
    })
    socket.on('close', () => resolve(answer))
    socket.on('error', () => resolve(answer))
  })
  socket.write(head)
  socket.write(body)
  if (hangUp) socket.write('', () => socket.destroy())
  return closed
}

t.test('a broken body and a client that hangs up leave nothing behind', async (t) => {
  const head = (length: number) =>
    `POST /v1/upload HTTP/1.1\r\nhost: x\r\nauthorization: ${ann.authorization}\r\ncontent-type: multipart/form-data; boundary=b\r\ncontent-length: ${length}\r\n\r\n`
  const part = '--b\r\ncontent-disposition: form-data; name="file"; filename="a.png"\r\n\r\n'
  const broken = `${part}${'x'.repeat(1000)}`
  t.match(await rawRequest(head(broken.length), broken), /400 Bad Request[\s\S]*UPLOAD_MULTIPART_BROKEN/)
  await rawRequest(head(100_000), broken, true)
  // The next request on the same server is answered after the abort was seen.
  await ann.call('GET', '/v1/uploads')
  t.same(await temporaryFiles(), [])
})

t.test('a batch takes many files, says what became of each, and is developed in order', async (t) => {
  const good = await Promise.all([10, 11, 12].map((number) => picture(number)))
  const [first, second, third] = good as [Bytes, Bytes, Bytes]
  const { status, headers, body } = await ann.batch([
    ['one.png', first],
    ['bad.txt', text('not a picture')],
    ['two.png', second],
    ['one again.png', first],
    ['big.png', new Uint8Array(UPLOAD_MAX_BYTES + 1)],
    ['three.png', third],
  ])
  t.equal(status, 201)
  t.equal(headers.get('location'), `/v1/batches/${body.batch.id}`)
  t.same(
    body.items.map(({ filename, verdict, error_code }) => [filename, verdict, error_code]),
    [
      ['one.png', 'accepted', null],
      ['bad.txt', 'rejected', 'UPLOAD_TYPE_UNSUPPORTED'],
      ['two.png', 'accepted', null],
      ['one again.png', 'duplicate', null],
      ['big.png', 'rejected', 'UPLOAD_TOO_LARGE'],
      ['three.png', 'accepted', null],
    ],
  )
  const { batch, items } = await ann.finished(body.batch.id)
  t.match(batch, { status: 'completed', progress_percent: 100 })
  t.match(batch.counts, { total: 6, accepted: 3, duplicate: 1, rejected: 2, succeeded: 3, failed: 0, waiting: 0 })
  const ids = items.filter(({ verdict }) => verdict === 'accepted').map(({ upload_id: id }) => id)
  const uploads = await Promise.all(ids.map(async (id) => (await ann.call<Upload>('GET', `/v1/uploads/${id}`)).body))
  const times = uploads.map(({ processed_at: at }) => at)
  t.same(times, [...times].sort(), 'one after another')
  const page = await ann.call<BatchDetail>('GET', `/v1/batches/${batch.id}?limit=4`)
  const rest = await ann.call<BatchDetail>('GET', `/v1/batches/${batch.id}?limit=4&cursor=${page.body.next_cursor}`)
  t.same([page.body.items.length, rest.body.items.length, rest.body.next_cursor], [4, 2, null])
  t.same(await temporaryFiles(), [])
})

t.test('a large file in the middle of a batch is refused, and every file after it is taken', async (t) => {
  const { status, body } = await ann.batch([
    ['first.png', await picture(100)],
    ['huge.png', new Uint8Array(12_000_000)],
    ['second.png', await picture(101)],
    ['third.png', await picture(102)],
  ])
  t.equal(status, 201)
  t.same(
    body.items.map(({ filename, verdict, error_code }) => [filename, verdict, error_code]),
    [
      ['first.png', 'accepted', null],
      ['huge.png', 'rejected', 'UPLOAD_TOO_LARGE'],
      ['second.png', 'accepted', null],
      ['third.png', 'accepted', null],
    ],
  )
  t.match((await ann.finished(body.batch.id)).batch.counts, { succeeded: 3, rejected: 1 })
  const alone = await ann.upload(new Uint8Array(12_000_000))
  t.match(alone, { status: 413, body: { code: 'UPLOAD_TOO_LARGE' } })
  t.same(await temporaryFiles(), [])
})

t.test('values that no database takes are refused, not failed on', async (t) => {
  const id = uuidv7()
  const cursor = (position: unknown[]) => Buffer.from(JSON.stringify(position)).toString('base64url')
  const cases: [string, string, unknown?][] = [
    ['POST', '/v1/search', { query: 'a\u0000b' }],
    ['GET', '/v1/uploads?date_from=0000-01-01T00:00:00Z'],
    ['GET', '/v1/uploads?date_to=2016-12-31T23:59:60Z'],
    ['GET', '/v1/uploads?date_to=9999-12-31T23:59:59-23:59'],
    ['GET', `/v1/uploads?cursor=${cursor(['-created_at', '2024-13-45T25:61:61.000000Z', id])}`],
    ['GET', `/v1/uploads/${id.toUpperCase()}`],
    ['POST', '/v1/uploads/bulk/hide', { upload_ids: [id.toUpperCase()] }],
    ['POST', '/v1/batches', { upload_ids: ['x'] }],
  ]
  for (const [method, path, body] of cases) t.equal((await ann.call(method, path, body)).status, 400, path)
  const { body: batch } = await ann.batch([['n.png', await picture(103)]])
  t.equal((await ann.call('GET', `/v1/batches/${batch.batch.id}?cursor=${cursor([999_999_999_999_999])}`)).status, 400)
})

t.test('a cancelled batch stops, says so, and can be run again', async (t) => {
  const files = await Promise.all(
    Array.from({ length: 8 }, async (_, index) => [`c${index}.png`, await picture(20 + index)] as const),
  )
  const { body } = await ann.batch(files)
  const { id } = body.batch
  const cancelled = await ann.call<BatchDetail['batch']>('POST', `/v1/batches/${id}/cancel`)
  t.match(cancelled, { status: 200, body: { status: 'cancelled' } })
  t.match(await ann.call('POST', `/v1/batches/${id}/cancel`), { status: 409, body: { code: 'BATCH_FINISHED' } })
  const over = await ann.finished(id)
  t.ok(over.batch.counts.cancelled > 0)
  t.equal((await ann.call('POST', `/v1/batches/${id}/retry`)).status, 202)
  const again = await ann.finished(id)
  t.match(again.batch, { status: 'completed', counts: { succeeded: 8, cancelled: 0, failed: 0, waiting: 0 } })
  t.match(await ann.call('POST', `/v1/batches/${id}/retry`), { status: 409, body: { code: 'BATCH_NOTHING_TO_RETRY' } })
})

t.test('existing uploads are developed again as a batch, and ids of others are unknown', async (t) => {
  const mine = (await ann.upload(await picture(40))).body
  const theirs = (await bob.upload(await picture(41))).body
  await ann.developed(mine.id)
  const { status, body } = await ann.call<BatchDetail>('POST', '/v1/batches', { upload_ids: [mine.id, theirs.id] })
  t.equal(status, 201)
  t.same(
    body.items.map(({ verdict }) => verdict),
    ['accepted', 'rejected'],
  )
  t.match((await ann.finished(body.batch.id)).batch, { status: 'completed', counts: { succeeded: 1 } })
  const { body: record } = await ann.call<{ items: unknown[] }>('GET', `/v1/uploads/${mine.id}/stages`)
  t.equal(record.items.length, 10, 'both walks are on record')
  t.match(await ann.call('POST', '/v1/batches', { upload_ids: [] }), {
    status: 400,
    body: { code: 'VALIDATION_FAILED' },
  })
})

t.test('a video is probed, looked at frame by frame, and has a poster', async (t) => {
  const { ffmpeg } = await createMedia(config)
  if (!ffmpeg) return t.fail('there is no ffmpeg to test with')
  const { status, body } = await ann.upload(await video(ffmpeg.path, join(dataDir, 'test.mp4')), 'bars.mp4')
  t.equal(status, 201)
  const upload = await ann.developed(body.id)
  t.match(upload, { status: 'completed', file_type: 'video', width: 320, height: 240, description: /video/i })
  t.ok(Math.abs((upload.duration_seconds ?? 0) - 2) < 0.3)
  t.ok(upload.links.thumbnail)
  const { body: details } = await ann.call<UploadMetadata>('GET', `/v1/uploads/${body.id}/metadata`)
  t.ok(details.frames.length >= 1 && details.frames.length <= 10)
})

t.test('a file that cannot be decoded is tried twice and fails with a sentence; the batch goes on', async (t) => {
  // Whole as far as its container says, but its pixels are damaged.
  const png = Buffer.from(await picture(50, 128))
  png.fill(0xaa, 200, 2000)
  const { body } = await ann.batch([
    ['damaged.png', new Uint8Array(png)],
    ['fine.png', await picture(51)],
  ])
  const { batch, items } = await ann.finished(body.batch.id)
  t.match(batch, { status: 'completed', counts: { succeeded: 1, failed: 1 } })
  const { body: upload } = await ann.call<Upload>('GET', `/v1/uploads/${items[0]?.upload_id}`)
  t.match(upload, { status: 'failed', attempts: 2, error_code: 'MEDIA_UNREADABLE' })
  t.ok(upload.error_message && upload.error_message.length <= 200)
  const { body: record } = await ann.call<{ items: { stage: string; attempt: number; outcome: string }[] }>(
    'GET',
    `/v1/uploads/${upload.id}/stages`,
  )
  const runs = record.items.map(({ stage, attempt, outcome }) => `${stage} ${attempt} ${outcome}`)
  t.ok(runs.includes('thumbnail 1 failed'), 'the thumbnail fails without failing the upload')
  t.same(
    runs.filter((run) => run.startsWith('analyze')),
    ['analyze 1 failed', 'analyze 2 failed'],
  )
  t.equal(runs.filter((run) => run.startsWith('probe')).length, 1, 'the second attempt resumes where the first failed')
})

t.test('files are served with ranges, validators, safe headers and their true name', async (t) => {
  const bytes = await picture(60)
  const { body } = await ann.upload(bytes, 'été – 家族.png')
  await ann.developed(body.id)
  const path = `/v1/uploads/${body.id}/file`
  const whole = await ann.bytes(path)
  t.same(new Uint8Array(await whole.arrayBuffer()), bytes)
  t.equal(whole.headers.get('content-type'), 'image/png')
  t.equal(whole.headers.get('x-content-type-options'), 'nosniff')
  t.match(whole.headers.get('cache-control'), /private.*immutable/)
  t.match(decodeURIComponent(whole.headers.get('content-disposition') ?? ''), /filename\*=UTF-8''été – 家族\.png/)
  const etag = whole.headers.get('etag') ?? ''
  t.equal((await ann.bytes(path, { 'if-none-match': etag })).status, 304)
  const head = await fetch(address + path, {
    method: 'HEAD',
    headers: { authorization: ann.authorization, range: 'bytes=0-1' },
  })
  t.same([head.status, head.headers.get('content-length')], [200, String(bytes.length)])
  const part = await ann.bytes(path, { range: 'bytes=10-19' })
  t.equal(part.status, 206)
  t.equal(part.headers.get('content-range'), `bytes 10-19/${bytes.length}`)
  t.same(new Uint8Array(await part.arrayBuffer()), bytes.slice(10, 20))
  t.equal((await ann.bytes(path, { range: 'bytes=10-19', 'if-range': '"other"' })).status, 200)
  const beyond = await ann.bytes(path, { range: `bytes=${bytes.length}-` })
  t.equal(beyond.status, 416)
  t.equal(beyond.headers.get('content-range'), `bytes */${bytes.length}`)
  for (const name of ['thumbnail', 'preview']) {
    const rendition = await ann.bytes(`/v1/uploads/${body.id}/${name}`)
    t.equal(rendition.headers.get('content-type'), 'image/webp')
    t.match(await sharp(Buffer.from(await rendition.arrayBuffer())).metadata(), { format: 'webp', width: 64 })
  }
})

t.test('nobody sees anything of another user', async (t) => {
  const mine = (await ann.upload(await photo('airplane-from-above'), 'secret plane.jpg')).body
  await ann.developed(mine.id)
  const { body: mineBatch } = await ann.batch([['b.png', await picture(70)]])
  const paths = ['', '/file', '/thumbnail', '/preview', '/metadata', '/stages']
  for (const path of paths) t.equal((await bob.bytes(`/v1/uploads/${mine.id}${path}`)).status, 404, path)
  t.equal((await bob.call('PATCH', `/v1/uploads/${mine.id}`, { hidden: true })).status, 404)
  t.equal((await bob.call('DELETE', `/v1/uploads/${mine.id}`)).status, 404)
  t.equal((await bob.call('POST', `/v1/uploads/${mine.id}/regenerate-description`)).status, 404)
  t.equal((await bob.call('GET', `/v1/search/similar/${mine.id}`)).status, 404)
  t.equal((await bob.call('GET', `/v1/batches/${mineBatch.batch.id}`)).status, 404)
  t.equal((await bob.call('POST', `/v1/batches/${mineBatch.batch.id}/cancel`)).status, 404)
  t.same((await bob.call('POST', '/v1/uploads/bulk/delete', { upload_ids: [mine.id] })).body, {
    changed: [],
    not_found: [mine.id],
  })
  const { body: found } = await bob.call<SearchResult>('POST', '/v1/search', { query: 'secret airplane' })
  t.notOk(found.hits.some(({ upload }) => upload.id === mine.id))
  const watch = await bob.watch({ type: 'subscribe_upload', upload_id: mine.id })
  t.match(watch.messages.at(-1), { action: 'error', code: 'UPLOAD_NOT_FOUND' })
  watch.socket.close()
  t.equal((await fetch(`${address}/v1/uploads`)).status, 401)
})

t.test('uploads are listed by page in any order, filtered, hidden and counted once', async (t) => {
  const { body: all } = await ann.call<{ items: Upload[] }>('GET', '/v1/uploads?limit=200')
  for (const sort of [
    'created_at',
    '-created_at',
    'taken_at',
    '-taken_at',
    'file_size',
    '-file_size',
    'filename',
    '-filename',
  ]) {
    const seen: string[] = []
    let cursor: string | null = ''
    while (cursor !== null) {
      const query: string = `/v1/uploads?limit=7&sort=${sort}${cursor ? `&cursor=${cursor}` : ''}`
      const { status, body } = await ann.call<{ items: Upload[]; next_cursor: string | null }>('GET', query)
      t.equal(status, 200, sort)
      seen.push(...body.items.map(({ id }) => id))
      cursor = body.next_cursor
    }
    t.equal(seen.length, all.items.length, sort)
    t.equal(new Set(seen).size, seen.length, sort)
  }
  t.match(await ann.call('GET', '/v1/uploads?cursor=nonsense'), { status: 400, body: { code: 'CURSOR_INVALID' } })
  t.match(await ann.call('GET', '/v1/uploads?sort=sideways'), { status: 400, body: { code: 'VALIDATION_FAILED' } })
  const videos = await ann.call<{ items: Upload[] }>('GET', '/v1/uploads?file_type=video&processing_status=completed')
  t.ok(videos.body.items.length > 0 && videos.body.items.every(({ file_type: type }) => type === 'video'))
  const [hidden] = all.items
  if (!hidden) return t.fail('nothing to hide')
  t.match(await ann.call('PATCH', `/v1/uploads/${hidden.id}`, { hidden: true }), {
    status: 200,
    body: { hidden: true },
  })
  const shown = await ann.call<{ items: Upload[] }>('GET', '/v1/uploads?limit=200')
  t.equal(shown.body.items.length, all.items.length - 1)
  t.same((await ann.call('POST', '/v1/uploads/bulk/hide', { upload_ids: [hidden.id], hidden: false })).body, {
    changed: [hidden.id],
    not_found: [],
  })
  t.equal((await ann.call('PATCH', `/v1/uploads/${hidden.id}`, { hidden: 'yes' })).status, 400)
})

t.test('similar pictures are found, the most alike first', async (t) => {
  const original = await photo('locomotion-house-cat')
  const smaller = new Uint8Array(await sharp(original).resize(500).jpeg({ quality: 60 }).toBuffer())
  const [one, two] = [(await ann.upload(original, 'cat.jpg')).body, (await ann.upload(smaller, 'smaller cat.jpg')).body]
  await Promise.all([ann.developed(one.id), ann.developed(two.id)])
  const { body } = await ann.call<SearchResult>('GET', `/v1/search/similar/${one.id}?limit=3`)
  t.equal(body.hits[0]?.upload.id, two.id)
  t.ok((body.hits[0]?.score ?? 0) > 0.9)
  t.notOk(
    body.hits.some(({ upload }) => upload.id === one.id),
    'not itself',
  )
})

t.test('a description is made again on request, from the vision stage on', async (t) => {
  const { body } = await ann.upload(await picture(80))
  await ann.developed(body.id)
  const restarted = await ann.call<Upload>('POST', `/v1/uploads/${body.id}/regenerate-description`)
  t.match(restarted, { status: 202, body: { status: 'pending' } })
  t.match(await ann.developed(body.id), { status: 'completed', attempts: 1 })
  const { body: record } = await ann.call<{ items: { stage: string }[] }>('GET', `/v1/uploads/${body.id}/stages`)
  t.same(
    record.items.map(({ stage }) => stage),
    ['probe', 'thumbnail', 'analyze', 'embed', 'index', 'analyze', 'embed', 'index'],
  )
})

t.test('deleting for good removes rows and files, also while the upload is being developed', async (t) => {
  const userId = (await ann.call<{ user: { id: string } }>('GET', '/v1/auth/me')).body.user.id
  const { body } = await ann.upload(await photo('french-alpine-landscape'), 'alps.jpg')
  const watch = await ann.watch()
  await watch.until(({ payload }) => payload?.upload_id === body.id || JSON.stringify(payload ?? {}).includes(body.id))
  t.equal((await ann.call('DELETE', `/v1/uploads/${body.id}?permanent=true`)).status, 204)
  t.equal((await ann.call('GET', `/v1/uploads/${body.id}`)).status, 404)
  // Whatever came after it in the same lane is finished: the deleted one has been let go.
  const { body: next } = await ann.upload(await picture(90))
  await ann.developed(next.id)
  const folder = join(dataDir, 'media', userId, body.id)
  await until(() => !existsSync(folder))
  t.notOk(existsSync(folder))
  t.notOk(
    watch.messages.some(({ action, payload }) => action === 'upload_failed' && payload.upload_id === body.id),
    'nothing is said',
  )
  watch.socket.close()
})

t.test('a socket is closed with its code: no authentication, wrong token, wrong message', async (t) => {
  const open = async (first?: string) => {
    const socket = new WebSocket(`${address.replace('http', 'ws')}/ws`)
    const watch = collect(socket)
    await new Promise((opened) => socket.on('open', opened))
    if (first !== undefined) socket.send(first)
    return watch
  }
  t.equal((await (await open('{"type":"subscribe_all"}')).closed).code, 4002)
  t.equal((await (await open('not json')).closed).code, 4002)
  const wrong = await open('{"type":"auth","token":"wrong"}')
  t.equal((await wrong.closed).code, 4003)
  t.match(wrong.messages.at(-1), { action: 'auth_error', code: 'TOKEN_INVALID' })
  const late = await open(JSON.stringify({ type: 'auth', token: ann.token }))
  await late.until(({ action }) => action === 'auth_success')
  late.socket.send('{"type":"dance"}')
  t.equal((await late.closed).code, 4004)
  t.equal((await (await open()).closed).code, 4001, 'nothing said within five seconds')
})

t.test('a socket needs the scope to read, and a GET without an upgrade is told so', async (t) => {
  const key = await ann.call<{ key: string }>('POST', '/v1/api-keys', { name: 'writer', scopes: ['write'] })
  const socket = new WebSocket(`${address.replace('http', 'ws')}/ws`, {
    headers: { authorization: `Bearer ${key.body.key}` },
  })
  const watch = collect(socket)
  t.equal((await watch.closed).code, 4003)
  t.match(watch.messages.at(-1), { action: 'auth_error', code: 'SCOPE_MISSING' })
  t.match(await ann.call('GET', '/ws'), { status: 426, body: { code: 'UPGRADE_REQUIRED' } })
  const since = await ann.watch({ type: 'subscribe_all', since: '0000-01-01T00:00:00Z' })
  t.match(since.messages.at(-1), { action: 'error', code: 'VALIDATION_FAILED' })
  since.socket.close()
})

t.test('a client that connects again is told how things stand', async (t) => {
  const since = new Date().toISOString()
  const early = await ann.watch()
  const { body } = await ann.batch([['again.png', await picture(95)]])
  const id = body.items[0]?.upload_id ?? ''
  await early.until(({ payload }) => payload?.upload_id === id && payload.stage === 'queued')
  early.socket.close()
  await ann.finished(body.batch.id)
  const watch = await ann.watch({ type: 'subscribe_all', since })
  await watch.until(({ action, payload }) => action === 'snapshot' && JSON.stringify(payload).includes(id))
  const told = JSON.stringify(watch.messages.filter(({ action }) => action === 'snapshot'))
  t.match(told, new RegExp(`"upload_id":"${id}"[^}]*"status":"completed"`))
  t.match(told, new RegExp(`"batch_id":"${body.batch.id}","status":"completed"`))
  watch.socket.close()
})

t.test('the server says what it is and whether it is ready, and documents itself', async (t) => {
  t.equal((await fetch(`${address}/health`)).status, 200)
  t.equal((await fetch(`${address}/ready`)).status, 200)
  const document = (await (await fetch(`${address}/docs/json`)).json()) as { paths: Record<string, unknown> }
  for (const path of ['/v1/upload', '/v1/batches', '/v1/uploads/{id}', '/v1/search']) t.ok(document.paths[path], path)
  t.equal((await fetch(`${address}/nowhere`)).status, 404)
})

t.test('wrong settings are all named at once, and secrets are not shown', async (t) => {
  t.throws(() => loadConfig({ PORT: 'true', MODEL_WORKERS: '1.5' }), {
    message: /integer for PORT[\s\S]*integer for MODEL_WORKERS/,
  })
  const env = { PORT: 'x', LOG_LEVEL: 'loud', TOKEN_SECRET: 'short', DATABASE_URL: 'mysql://root:hunter2@db' }
  t.throws(() => loadConfig(env), {
    code: 'CONFIG_INVALID',
    message: /PORT[\s\S]*DATABASE_URL[\s\S]*LOG_LEVEL[\s\S]*TOKEN_SECRET/,
  })
  try {
    loadConfig(env)
  } catch (thrown) {
    t.notMatch(String(thrown), /hunter2|short"/)
  }
})
