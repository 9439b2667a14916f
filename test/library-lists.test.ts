import { once } from 'node:events'
import type { Readable } from 'node:stream'
import t from 'tap'
import { createAlbumStore } from '#src/db/albums.js'
import { createArchiveStore } from '#src/db/archives.js'
import { createDuplicateStore } from '#src/db/duplicates.js'
import { createLibraryStore } from '#src/db/library.js'
import { createProcessingStore } from '#src/db/processing.js'
import { createTrashStore } from '#src/db/trash.js'
import { createUploadStore } from '#src/db/uploads.js'
import { createUsageStore } from '#src/db/usage.js'
import type { Timeline } from '#src/schemas/library.js'
import { UPLOAD_SORTS, type Upload } from '#src/schemas/uploads.js'
import { ARCHIVE_LIMITS, createArchiveService } from '#src/services/archives.js'
import { createDuplicateService } from '#src/services/duplicates.js'
import { createLibraryService } from '#src/services/library.js'
import { createTrashService } from '#src/services/trash.js'
import { createDiskStore } from '#src/storage/disk-store.js'
import { originalKey } from '#src/storage/keys.js'
import { openTestDatabase } from './helpers/database.ts'
import { until } from './helpers/until.ts'

const ANN = '01900000-0000-7000-8000-000000000001'
const BOB = '01900000-0000-7000-8000-000000000002'
const CARA = '01900000-0000-7000-8000-000000000003'
const COUNT = 4000

const { sql, dataDir } = await openTestDatabase(t)
const store = createLibraryStore(sql)
const library = createLibraryService({ library: store })

await sql`insert into users (id, username, password_hash, role) values (${ANN}, 'ann', '', 'member'), (${BOB}, 'bob', '', 'member'), (${CARA}, 'cara', '', 'member')`
// Names, sizes, lengths and times come many times each: the order among equals is told by the id.
await sql`
  insert into uploads (id, user_id, filename, file_type, mime_type, extension, file_size, sha256, lane, status,
    duration_seconds, taken_at, created_at, hidden, trashed_at)
  select gen_random_uuid(), case when n % 10 = 0 then ${BOB}::uuid else ${ANN}::uuid end, 'picture ' || n % 50,
    case when n % 5 = 0 then 'video' else 'image' end, 'image/png', 'png', n % 40, n::text, 'batch',
    case when n % 9 = 0 then 'failed' else 'completed' end, case when n % 5 = 0 then (n % 7) * 1.1 end,
    case when n % 3 = 0 then timestamptz '2020-01-15 00:00Z' + n % 24 * interval '1 month' end,
    timestamptz '2024-05-05 00:00Z' + n % 100 * interval '1 hour', n % 11 = 0, case when n % 13 = 0 then now() end
  from generate_series(1, ${COUNT}) as n`
await sql`analyze uploads`

const visible = (n: number) => n % 10 !== 0 && n % 11 !== 0 && n % 13 !== 0
const numbers = Array.from({ length: COUNT }, (_, index) => index + 1).filter(visible)

async function readAll(query: Parameters<typeof library.list>[1]): Promise<Upload[]> {
  const items: Upload[] = []
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const page = await library.list(ANN, { ...query, limit: 150, ...(cursor === undefined ? {} : { cursor }) })
    items.push(...page.items)
    cursor = page.next_cursor
  }
  return items
}

const VALUES: Record<string, (upload: Upload) => string | number> = {
  created_at: (upload) => upload.created_at,
  taken_at: (upload) => upload.taken_at ?? upload.created_at,
  file_size: (upload) => upload.file_size,
  duration: (upload) => upload.duration_seconds ?? 0,
  filename: (upload) => upload.filename,
}

t.test('every order goes through all pages without a gap or a repetition', async (t) => {
  for (const sort of UPLOAD_SORTS) {
    const items = await readAll({ sort })
    t.equal(items.length, numbers.length, sort)
    t.equal(new Set(items.map(({ id }) => id)).size, numbers.length, `${sort}: nothing comes twice`)
    const value = VALUES[sort.replace('-', '')] ?? (() => 0)
    const sign = sort.startsWith('-') ? -1 : 1
    const ordered = items.every((item, index) => {
      const before = items[index - 1]
      if (!before) return true
      const [a, b] = [value(before), value(item)]
      return a === b ? sign * (before.id < item.id ? 1 : -1) === 1 : sign * (a < b ? 1 : -1) === 1
    })
    t.ok(ordered, `${sort} is in order`)
  }
})

t.test('a cursor goes on only in its order and with its filter', async (t) => {
  const { next_cursor } = await library.list(ANN, { sort: 'filename', file_type: 'image', limit: 10 })
  const cursor = next_cursor ?? ''
  t.equal((await library.list(ANN, { sort: 'filename', file_type: 'image', limit: 10, cursor })).items.length, 10)
  for (const query of [
    { sort: '-filename', file_type: 'image' },
    { sort: 'filename' },
    { sort: 'filename', file_type: 'image', has_text: false },
    { sort: 'filename', file_type: 'video' },
  ] as const) {
    await t.rejects(library.list(ANN, { ...query, cursor }), { code: 'CURSOR_INVALID', status: 400 })
  }
})

async function scans(): Promise<Map<string, number>> {
  await sql`select pg_stat_force_next_flush()`
  const rows = await sql<{ name: string; scans: number }[]>`
    select indexrelname as name, idx_scan as scans from pg_stat_user_indexes where relname = 'uploads'
    union all select 'table', seq_scan from pg_stat_user_tables where relname = 'uploads'`
  return new Map(rows.map(({ name, scans }) => [name, scans]))
}

t.test('every order is read from its index, a page at a time', async (t) => {
  const indexes: Record<string, string> = {
    created_at: 'uploads_newest',
    taken_at: 'uploads_taken',
    file_size: 'uploads_by_size',
    duration: 'uploads_by_duration',
    filename: 'uploads_by_name',
  }
  for (const sort of UPLOAD_SORTS) {
    const first = await store.list({ userId: ANN, conditions: [] }, sort, 20)
    const last = first.at(-1)
    const before = await scans()
    const position = last && { value: last.sortValue, id: last.id }
    await store.list({ userId: ANN, conditions: [] }, sort, 20, position)
    const after = await scans()
    const name = indexes[sort.replace('-', '')] ?? ''
    t.equal(after.get(name), (before.get(name) ?? 0) + 1, `${sort} reads ${name}`)
    t.equal(after.get('table'), before.get('table'), `${sort} does not read the table through`)
  }
})

t.test('rare words of an album are looked up in the index of words, frequent ones found on the way', async (t) => {
  // Of fewer than a hundred different words the planner does not know how frequent a beginning is.
  await sql`
    update uploads set search_document = to_tsvector('simple', concat_ws(' ', filename, 'box' || sha256::int % 200,
      case when sha256::int % 500 = 1 then 'comet' end))`
  await sql`vacuum analyze uploads`
  const albums = createAlbumStore(sql)
  const scopeOf = (words: string) => ({ userId: ANN, conditions: [], words, developed: true })
  const rare = numbers.filter((n) => n % 500 === 1 && n % 9 !== 0)
  const frequent = numbers.filter((n) => n % 9 !== 0)
  for (const [words, members, index] of [
    ['comet picture', rare, 'uploads_search'],
    ['picture', frequent, 'uploads_taken'],
  ] as const) {
    t.equal((await albums.summarizeRule(scopeOf(words))).count, members.length, words)
    const before = await scans()
    const page = await store.list(scopeOf(words), '-taken_at', 20)
    const after = await scans()
    t.equal(page.length, Math.min(20, members.length))
    t.equal(after.get(index), (before.get(index) ?? 0) + 1, `${words} reads ${index}`)
    t.equal(after.get('table'), before.get('table'), `${words} does not read the table through`)
  }
})

t.test('the timeline counts by month, status and type, with the filters', async (t) => {
  const all = await library.timeline(ANN, {})
  t.equal(all.total, numbers.length)
  t.same(all.file_types, {
    image: numbers.filter((n) => n % 5 !== 0).length,
    video: numbers.filter((n) => n % 5 === 0).length,
  })
  t.same(all.statuses, {
    completed: numbers.filter((n) => n % 9 !== 0).length,
    failed: numbers.filter((n) => n % 9 === 0).length,
  })
  const sum = (timeline: Timeline) => timeline.months.reduce((total, { count }) => total + count, 0)
  t.equal(sum(all), all.total)
  t.equal(all.months[0]?.month, '2024-05', 'the newest first')
  t.same(
    all.months.map(({ month }) => month),
    [...new Set(all.months.map(({ month }) => month))].sort().reverse(),
  )
  const created = await library.timeline(ANN, { by: 'created', file_type: 'video' })
  t.same(created.months, [{ month: '2024-05', count: numbers.filter((n) => n % 5 === 0).length }])
  t.same(await library.timeline(ANN, { taken_after: '2030-01-01T00:00:00Z' }), {
    total: 0,
    months: [],
    statuses: {},
    file_types: {},
  })
})

t.test('of a picture that is there many times, each copy is linked to a few, and all are one group', async (t) => {
  const uploads = createUploadStore(sql)
  const copies = Array.from({ length: 60 }, (_, n) => `01900000-0000-7000-8000-0000000003${n + 10}`)
  const processing = createProcessingStore(sql, ANN)
  const record = { stage: 'probe', attempt: 1, outcome: 'done' as const, startedAt: new Date(), durationMs: 1 }
  const vectors = { encoders: ['m'], embeddings: [{ model: 'm', frameMs: 0, part: 0, vector: Float32Array.of(1, 0) }] }
  for (const id of copies) {
    await sql`
      insert into uploads (id, user_id, filename, file_type, mime_type, extension, file_size, sha256, lane)
      values (${id}, ${CARA}, 'copy', 'image', 'image/png', 'png', 1, ${id}, 'batch')`
    await processing.claim(id)
    const next = { name: 'embed', shows: 'embedding_generation', status: 'embedding' } as const
    t.ok(await processing.completeStage(id, record, next, { perceptualHash: '0' }, vectors))
    t.equal(await processing.complete(id, record, { description: '', ocrText: '', name: '', camera: '' }), 'completed')
  }
  const [most] = await sql`
    select count(*)::int as links from likely_copies group by second_id order by links desc limit 1`
  t.same(most, { links: 20 })

  const trash = createTrashService({
    trash: createTrashStore(sql),
    blobs: createDiskStore(dataDir),
    bell: { uploadAccepted() {}, uploadsDeleted() {} },
    trashDays: 30,
  })
  const duplicates = createDuplicateService({ duplicates: createDuplicateStore(sql), uploads, trash })
  const groups = async () => {
    const { items } = await duplicates.list(CARA, {})
    return items.map((group) => group.uploads.map(({ id }) => id))
  }
  t.same(await groups(), [copies])
  await duplicates.resolve(CARA, { keep_id: copies[59] ?? '', trash_ids: copies.slice(0, 20) })
  t.same(await groups(), [copies.slice(20)], 'also when the oldest are gone')
  await duplicates.resolve(CARA, { keep_id: copies[20] ?? '', trash_ids: copies.slice(30) })
  t.same(await groups(), [copies.slice(20, 30)], 'and the newest')
})

t.test('two uploads at once do not both get the last place of a quota', async (t) => {
  const uploads = createUploadStore(sql)
  const { uploads: kept = 0 } = (await createUsageStore(sql).find(BOB)) ?? {}
  const add = (n: number) =>
    uploads.insert(
      {
        id: `01900000-0000-7000-8000-00000000010${n}`,
        userId: BOB,
        filename: 'new.png',
        fileType: 'image',
        mimeType: 'image/png',
        extension: 'png',
        fileSize: 1,
        sha256: `new ${n}`,
        lane: 'batch',
      },
      { bytes: null, files: kept + 1 },
    )
  const results = await Promise.allSettled([1, 2, 3, 4].map(add))
  t.equal(results.filter(({ status }) => status === 'fulfilled').length, 1)
  const reasons = results.flatMap((result) => (result.status === 'rejected' ? [result.reason.code] : []))
  t.same(reasons, ['QUOTA_EXCEEDED', 'QUOTA_EXCEEDED', 'QUOTA_EXCEEDED'])
  t.equal((await createUsageStore(sql).find(BOB))?.uploads, kept + 1)
})

const NO_LIMITS = { bytes: null, files: null }
const newUpload = (n: number, fileSize: number) => ({
  id: `01900000-0000-7000-8000-00000000020${n}`,
  userId: BOB,
  filename: `large ${n}.png`,
  fileType: 'image' as const,
  mimeType: 'image/png',
  extension: 'png',
  fileSize,
  sha256: `large ${n}`,
  lane: 'batch' as const,
})

t.test('an archive is read no faster than it is taken, and no further once nobody takes it', async (t) => {
  const uploads = createUploadStore(sql)
  const disk = createDiskStore(dataDir)
  const bytes = Buffer.alloc(32 * 1024 * 1024, 'x')
  const files = [newUpload(1, bytes.length), newUpload(2, bytes.length)]
  for (const file of files) {
    await disk.put(originalKey(file), bytes)
    await uploads.insert(file, NO_LIMITS)
  }
  const opened: (Readable & { bytesRead?: number })[] = []
  const open: typeof disk.open = async (key) => {
    const stream = await disk.open(key)
    opened.push(stream)
    return stream
  }
  const readAlbum = () => Promise.reject(new Error('no album is read'))
  const archives = createArchiveService({
    archives: createArchiveStore(sql, ARCHIVE_LIMITS),
    uploads,
    blobs: { ...disk, open },
    readAlbum,
  })
  const { id } = await archives.prepare(BOB, { upload_ids: files.map(({ id }) => id) })
  const stream = (await archives.read(BOB, id)).open()
  await once(stream, 'readable')
  stream.read(1024)
  await until(() => (opened[0]?.bytesRead ?? 0) > 0)
  t.ok((opened[0]?.bytesRead ?? 0) < bytes.length / 4, 'what nobody takes is not read')
  stream.destroy()
  await until(() => opened[0]?.destroyed === true)
  t.ok(opened[0]?.destroyed, 'the file is closed')
  t.equal(opened.length, 1, 'the next one is not opened')
})

t.test('an archive that was asked for is there for its time, and no more than some at once', async (t) => {
  await sql`delete from archives`
  const archives = createArchiveStore(sql, { lifetimeSeconds: 900, perUser: 3 })
  const ids = [1, 2, 3, 4].map((n) => `01900000-0000-7000-8000-00000000030${n}`)
  const [first = '', second = '', third = '', fourth = ''] = ids
  for (const id of ids) await archives.insert(BOB, id, { uploadIds: [first], albumId: null })
  t.equal(await archives.find(BOB, first), undefined, 'the oldest made room')
  t.match(await archives.find(BOB, second), { uploadIds: [first], albumId: null })
  t.equal(await archives.find(ANN, second), undefined)
  await sql`update archives set created_at = now() - interval '16 minutes' where id in (${second}, ${fourth})`
  t.equal(await archives.find(BOB, fourth), undefined)
  await archives.insert(BOB, first, { uploadIds: null, albumId: third })
  const left = await sql<{ id: string }[]>`select id from archives where user_id = ${BOB} order by id`
  t.same(
    left.map(({ id }) => id),
    [first, third],
    'and what nobody can have is removed',
  )
})

t.test('what waits or is being developed is one filter, whichever of its statuses it has', async (t) => {
  const uploads = createUploadStore(sql)
  const files = [newUpload(5, 1), newUpload(6, 1), newUpload(7, 1)]
  const ids = files.map(({ id }) => id)
  for (const file of files) await uploads.insert(file, NO_LIMITS)
  await sql`update uploads set status = 'analyzing' where id in (${ids[1] ?? ''}, ${ids[2] ?? ''})`
  await sql`update uploads set status = 'embedding' where id = ${ids[2] ?? ''}`
  const { items } = await library.list(BOB, { processing_status: 'unfinished', sort: 'filename' })
  t.same(
    items.filter(({ id }) => ids.includes(id)).map(({ status }) => status),
    ['pending', 'analyzing', 'embedding'],
  )
  t.notOk(items.some(({ status }) => status === 'completed' || status === 'failed'))
  t.equal((await library.timeline(BOB, { processing_status: 'unfinished' })).total, items.length)
  await sql`delete from uploads where id = any(${ids}::uuid[])`
})

t.test('what has been in the trash for its time is removed with its files', async (t) => {
  const uploads = createUploadStore(sql)
  const blobs = createDiskStore(dataDir)
  const [old, young] = [newUpload(3, 1), newUpload(4, 1)]
  for (const file of [old, young]) {
    await blobs.put(originalKey(file), Buffer.from('x'))
    await uploads.insert(file, NO_LIMITS)
  }
  const store = createTrashStore(sql)
  const bell = { uploadAccepted: () => {}, uploadsDeleted: () => {} }
  const trash = createTrashService({ trash: store, blobs, bell, trashDays: 30 })
  await trash.remove(BOB, [old.id, young.id], false)
  await sql`update uploads set trashed_at = now() - interval '31 days' where id = ${old.id}`
  await trash.removeExpired()
  t.equal(await blobs.stat(originalKey(old)), undefined)
  t.ok(await blobs.stat(originalKey(young)))
  t.same(await store.restore(BOB, [old.id]), [])
  t.match(await store.restore(BOB, [young.id]), [{ id: young.id }])
  const [counted] = await sql`
    select count(*) as uploads, sum(file_size) as original_bytes, count(trashed_at) as trashed from uploads where user_id = ${BOB}`
  t.match(await createUsageStore(sql).find(BOB), counted, 'and what is counted is what is there')
})
