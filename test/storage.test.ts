import { createHash, randomBytes } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { buffer, text } from 'node:stream/consumers'
import t, { type Test } from 'tap'
import type { BlobStore } from '#src/storage/blob-store.js'
import { createDiskStore } from '#src/storage/disk-store.js'

const KEY = 'media/user/upload/original.jpg'
const OTHER_KEY = 'media/user/other/original.jpg'
const ROOM = { maxBytes: 1024 ** 3 }
const MIB = 1024 ** 2

interface Subject {
  store: BlobStore
  /** How many temporary files there are right now. */
  countTemporary(): Promise<number>
}

/** What every BlobStore promises. Run it over each implementation. */
function conformance(name: string, create: (t: Test) => Promise<Subject>): void {
  t.test(`${name} receives a file with its size and SHA-256, and shows it only after the commit`, async (t) => {
    const { store, countTemporary } = await create(t)
    const bytes = randomBytes(3 * MIB + 17)
    const staged = await store.receive(Readable.from([bytes.subarray(0, 5), bytes.subarray(5)]), ROOM)
    t.equal(staged.sizeBytes, bytes.length)
    t.equal(staged.sha256, createHash('sha256').update(bytes).digest('hex'))
    t.same(staged.head, bytes.subarray(0, 64 * 1024))
    t.equal(await store.stat(KEY), undefined)
    t.same(await readFile(staged.path), bytes)
    await store.commit(staged, KEY)
    t.equal((await store.stat(KEY))?.sizeBytes, bytes.length)
    t.same(await buffer(await store.open(KEY)), bytes)
    t.same(await readFile(await store.localPath(KEY)), bytes)
    t.equal(await countTemporary(), 0)
  })

  t.test(`${name} takes an empty file and one of exactly the largest size`, async (t) => {
    const { store } = await create(t)
    const empty = await store.receive(Readable.from([]), { maxBytes: 0 })
    t.same([empty.sizeBytes, empty.head.length], [0, 0])
    const largest = await store.receive(Readable.from([randomBytes(100)]), { maxBytes: 100 })
    t.same([largest.sizeBytes, largest.head.length], [100, 100])
  })

  t.test(`${name} stops at the first byte too many and leaves nothing`, async (t) => {
    const { store, countTemporary } = await create(t)
    let pulled = 0
    const endless = Readable.from(
      (function* () {
        for (;;) {
          pulled += 1
          yield randomBytes(1000)
        }
      })(),
      { objectMode: false },
    )
    await t.rejects(store.receive(endless, { maxBytes: 10_000 }), { code: 'UPLOAD_TOO_LARGE' })
    t.ok(pulled < 200, `${pulled} chunks were pulled`)
    t.equal(await countTemporary(), 0)
  })

  t.test(`${name} leaves nothing when the source fails, is destroyed, or is given up`, async (t) => {
    const { store, countTemporary } = await create(t)
    const sources: Record<string, (source: Readable, controller: AbortController) => void> = {
      fails: (source) => source.destroy(new Error('connection reset')),
      'is destroyed': (source) => source.destroy(),
      'is given up': (_, controller) => controller.abort(),
    }
    const cases = Object.entries(sources).flatMap(([title, end]) =>
      ['at once', 'midway'].map((when) => ({ title: `${title} ${when}`, end, when })),
    )
    for (const { title, end, when } of cases) {
      const source = new Readable({ read() {} })
      const controller = new AbortController()
      source.push(randomBytes(MIB))
      const received = store.receive(source, { ...ROOM, signal: controller.signal })
      if (when === 'at once') end(source, controller)
      else source.once('readable', () => setImmediate(end, source, controller))
      await t.rejects(received, { code: 'UPLOAD_ABORTED' }, title)
      t.equal(await countTemporary(), 0, title)
    }
    const gone = Readable.from([randomBytes(10)])
    gone.destroy()
    await t.rejects(store.receive(gone, ROOM), { code: 'UPLOAD_ABORTED' }, 'was gone before')
    const signal = AbortSignal.abort()
    await t.rejects(store.receive(Readable.from([Buffer.from('x')]), { ...ROOM, signal }), { code: 'UPLOAD_ABORTED' })
    t.equal(await countTemporary(), 0)
  })

  t.test(`${name} forgets a discarded file, however often it is told`, async (t) => {
    const { store, countTemporary } = await create(t)
    const staged = await store.receive(Readable.from([Buffer.from('x')]), ROOM)
    t.equal(await countTemporary(), 1)
    await store.discard(staged)
    await store.discard(staged)
    t.equal(await countTemporary(), 0)
  })

  t.test(`${name} commits many files at once, to one folder and to several`, async (t) => {
    const { store } = await create(t)
    const keys = Array.from({ length: 20 }, (_, index) => `media/user/upload${index % 4}/file${index}.jpg`)
    const staged = await Promise.all(keys.map((key) => store.receive(Readable.from([Buffer.from(key)]), ROOM)))
    await Promise.all(staged.map((file, index) => store.commit(file, keys[index] ?? '')))
    for (const key of keys) t.equal(await text(await store.open(key)), key)
  })

  t.test(`${name} puts a small file whole, over what was there`, async (t) => {
    const { store, countTemporary } = await create(t)
    const key = 'media/user/upload/thumbnail.webp'
    await store.put(key, Buffer.from('old'))
    const open = await store.open(key)
    await store.put(key, Buffer.from('new and longer'))
    t.equal(await text(open), 'old', 'who was reading reads on')
    t.equal(await text(await store.open(key)), 'new and longer')
    t.equal(await countTemporary(), 0)
  })

  t.test(`${name} reads ranges, both ends included`, async (t) => {
    const { store } = await create(t)
    await store.put(KEY, Buffer.from('0123456789'))
    t.equal(await text(await store.open(KEY, { start: 0, end: 0 })), '0')
    t.equal(await text(await store.open(KEY, { start: 3, end: 6 })), '3456')
    t.equal(await text(await store.open(KEY, { start: 9, end: 9 })), '9')
  })

  t.test(`${name} says what is missing, and takes a folder for no file`, async (t) => {
    const { store } = await create(t)
    await store.put(KEY, Buffer.from('x'))
    for (const key of ['media/user/upload/none.jpg', 'media/none/none/none.jpg', 'media/user/upload', `${KEY}/below`]) {
      t.equal(await store.stat(key), undefined)
      await t.rejects(store.open(key), { code: 'FILE_MISSING' })
      await t.rejects(store.localPath(key), { code: 'FILE_MISSING' })
    }
  })

  t.test(`${name} refuses keys that would leave the store`, async (t) => {
    const { store, countTemporary } = await create(t)
    const keys = [
      '',
      '/etc/passwd',
      'media/../token-secret',
      '../media/x',
      'media/..',
      'media//x',
      'media/./x',
      'database/x',
    ]
    for (const key of [
      ...keys,
      'media/a\\b',
      'media/a\0b',
      'media/C:x',
      'media/a/',
      'token-secret',
      'media/%2e%2e/x\n',
    ]) {
      const outside = { code: 'INTERNAL' }
      await t.rejects(store.put(key, Buffer.from('x')), outside, JSON.stringify(key))
      await t.rejects(async () => store.open(key), outside)
      await t.rejects(async () => store.stat(key), outside)
      await t.rejects(async () => store.localPath(key), outside)
      await t.rejects(async () => store.removeFolder(key), outside)
      const staged = await store.receive(Readable.from([Buffer.from('x')]), ROOM)
      await t.rejects(async () => store.commit(staged, key), outside)
      await store.discard(staged)
    }
    await t.rejects(async () => store.removeFolder('media'), { code: 'INTERNAL' }, 'not the whole store')
    t.equal(await countTemporary(), 0)
  })

  t.test(`${name} lists sub-folders and removes folders`, async (t) => {
    const { store } = await create(t)
    const list = async (prefix: string) => {
      const names: string[] = []
      for await (const name of store.listFolders(prefix)) names.push(name)
      return names.sort()
    }
    t.same(await list('media'), [], 'nothing yet')
    for (const upload of ['a', 'b', 'c']) await store.put(`media/user/${upload}/original.jpg`, Buffer.from(upload))
    await store.put('media/user/file.txt', Buffer.from('not a folder'))
    t.same(await list('media'), ['user'])
    t.same(await list('media/user'), ['a', 'b', 'c'])
    await store.removeFolder('media/user/b')
    await store.removeFolder('media/user/b')
    t.same(await list('media/user'), ['a', 'c'])
    t.equal(await store.stat('media/user/b/original.jpg'), undefined)
  })

  t.test(`${name} lets what is under way end when it is closed, and then takes nothing more`, async (t) => {
    const { store, countTemporary } = await create(t)
    const source = new Readable({ read() {} })
    const receiving = store.receive(source, ROOM)
    const putting = store.put(KEY, randomBytes(MIB))
    const closing = store.close()
    source.push(null)
    await closing
    t.equal((await store.stat(KEY))?.sizeBytes, MIB)
    await putting
    const staged = await receiving
    await t.rejects(store.commit(staged, OTHER_KEY), { code: 'NOT_READY' })
    await t.rejects(store.put(OTHER_KEY, randomBytes(1)), { code: 'NOT_READY' })
    await t.rejects(store.receive(Readable.from([]), ROOM), { code: 'NOT_READY' })
    await store.discard(staged)
    t.equal(await countTemporary(), 0)
    await store.close()
  })

  t.test(`${name} sweeps what was staged and never committed`, async (t) => {
    const { store, countTemporary } = await create(t)
    t.equal(await store.sweepTemporary(), 0)
    await Promise.all([1, 2, 3].map((n) => store.receive(Readable.from([Buffer.from(`${n}`)]), ROOM)))
    await store.put(KEY, Buffer.from('kept'))
    t.equal(await store.sweepTemporary(), 3)
    t.equal(await countTemporary(), 0)
    t.equal(await text(await store.open(KEY)), 'kept')
  })
}

async function createFolder(t: Test): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'darkroom-store-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  return folder
}

conformance('the disk store', async (t) => {
  const dataDir = await createFolder(t)
  const countTemporary = async () => (await readdir(join(dataDir, 'tmp')).catch(() => [])).length
  return { store: createDiskStore(dataDir), countTemporary }
})

t.test('the disk store holds back a fast source instead of filling the memory', async (t) => {
  const store = createDiskStore(await createFolder(t))
  const chunk = randomBytes(MIB)
  const source = Readable.from(
    (function* () {
      for (let n = 0; n < 256; n += 1) yield chunk
    })(),
  )
  const before = process.memoryUsage.rss()
  const staged = await store.receive(source, ROOM)
  t.equal(staged.sizeBytes, 256 * MIB)
  t.ok(process.memoryUsage.rss() - before < 64 * MIB)
})
