import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import postgres from 'postgres'
import t from 'tap'
import { type Claim, createLeases } from '#src/background/leases.js'
import { loadConfig } from '#src/config.js'
import { createBatchStore } from '#src/db/batches.js'
import { createProcessingStore } from '#src/db/processing.js'
import { createTrashStore } from '#src/db/trash.js'
import { createUploadStore, type UploadStore } from '#src/db/uploads.js'
import { createUsageStore } from '#src/db/usage.js'
import { isConnectionLost, isDiskFull } from '#src/errors.js'
import { createMedia } from '#src/media/create-media.js'
import { createProgressBus } from '#src/progress.js'
import { toAppError } from '#src/routes/to-app-error.js'
import { createBatchService } from '#src/services/batches.js'
import { createQueueLimit } from '#src/services/queue-limit.js'
import { createQuotaService } from '#src/services/quotas.js'
import { createReceiver } from '#src/services/receiver.js'
import { createDiskStore } from '#src/storage/disk-store.js'
import { originalKey } from '#src/storage/keys.js'
import { openTestDatabase, silent } from './helpers/database.ts'
import { picture } from './helpers/samples.ts'

/** The connection to the database breaks at the moment an answer is on its way. */

const ANN = '01900000-0000-7000-8000-000000000001'

const { sql, dataDir } = await openTestDatabase(t)
const config = loadConfig({ DATA_DIR: dataDir })
const media = await createMedia(config)
t.teardown(() => media.close())
const uploads = createUploadStore(sql)
const blobs = createDiskStore(dataDir)
const queue = createQueueLimit({ uploads, maxUploads: config.queueMaxUploads })

await sql`insert into users (id, username, password_hash, role) values (${ANN}, 'ann', '', 'member')`

const lostConnection = () => Object.assign(new Error('The connection closed.'), { code: 'CONNECTION_CLOSED' })

function createReceiverOn(store: UploadStore) {
  const quotas = createQuotaService({ usage: createUsageStore(sql), defaults: config.quota })
  return createReceiver({ ...config, uploads: store, trash: createTrashStore(sql), quotas, queue, blobs, media })
}

const file = async (number: number) => ({ filename: 'p.png', stream: Readable.from([await picture(number)]) })

t.test('an insert whose answer is lost keeps the file: the row may be there', async (t) => {
  const receiver = createReceiverOn({
    ...uploads,
    async insert(upload, limits) {
      await uploads.insert(upload, limits)
      throw lostConnection()
    },
  })
  await t.rejects(receiver.accept(ANN, await receiver.receive(ANN, await file(1)), 'interactive'), {
    code: 'CONNECTION_CLOSED',
  })
  const rows = await sql<{ id: string; sha256: string }[]>`select id, sha256 from uploads where user_id = ${ANN}`
  t.equal(rows.length, 1)
  for (const { id } of rows) t.ok(existsSync(join(dataDir, originalKey({ id, userId: ANN, extension: 'png' }))))

  const again = createReceiverOn(uploads)
  const { row, created } = await again.accept(ANN, await again.receive(ANN, await file(1)), 'interactive')
  t.equal(created, false, 'handed over again it is the same upload')
  t.equal(row.id, rows[0]?.id)
})

t.test('a transaction is alone on its connection however many queries are under way', async (t) => {
  await sql`create table counted (id int primary key, note text)`
  // The driver's own limit was 100 queries: the transaction that came at it was never set apart.
  for (let ahead = 96; ahead < 106; ahead++) {
    const plain = Array.from({ length: ahead }, () => sql`select 1`.execute())
    const undone = sql.begin(async (tx) => {
      await tx`insert into counted values (${ahead})`
      throw new Error('undone')
    })
    const beside = sql`insert into counted values (${1000 + ahead}, ${'x'.repeat(50_000)})`.execute()
    await t.rejects(undone, { message: 'undone' })
    await Promise.all([...plain, beside])
  }
  const [row] = await sql`select count(*)::int as count, min(id) as least from counted`
  t.match(row, { count: 10, least: 1096 }, 'what was kept beside them did not go with them')
})

t.test(
  'a database that refuses, is not known by its name, or went silent is away, to clients and to the background',
  async (t) => {
    const refused = createServer().listen(0)
    await once(refused, 'listening')
    const { port } = refused.address() as AddressInfo
    await new Promise((resolve) => refused.close(resolve))
    // localhost has two addresses on most machines: then the error names no call of the system.
    for (const address of [`127.0.0.1:${port}`, `localhost:${port}`, 'nowhere.invalid']) {
      const away = postgres(`postgres://darkroom@${address}/darkroom`, { max: 2 })
      const asked = away`select 1`.catch((thrown) => thrown)
      const begun = away.begin((tx) => tx`select 1`).catch((thrown) => thrown)
      for (const thrown of await Promise.all([asked, begun])) {
        t.ok(isConnectionLost(thrown), `${address}: ${thrown.code}`)
        t.equal(toAppError(thrown).code, 'DATABASE_UNAVAILABLE', `${address}: ${thrown.code}`)
      }
      await away.end({ timeout: 0 })
    }
    const silent = Object.assign(new Error('read ETIMEDOUT'), { code: 'ETIMEDOUT', syscall: 'read' })
    t.ok(isConnectionLost(silent))
    t.equal(toAppError(Object.assign(silent, { query: 'select 1' })).code, 'DATABASE_UNAVAILABLE')
    const forbidden = Object.assign(new Error('connect EACCES'), { code: 'EACCES', syscall: 'connect' })
    t.equal(toAppError(forbidden).code, 'DATABASE_UNAVAILABLE', 'only a database is connected to')
    const client = Object.assign(new Error('read ETIMEDOUT'), { code: 'ETIMEDOUT', syscall: 'read' })
    t.not(toAppError(client).code, 'DATABASE_UNAVAILABLE', 'the same of a client says nothing of the database')
  },
)

t.test('a database without room is a full disk, to clients and to the background', async (t) => {
  const full = Object.assign(new Error('could not extend file'), { code: '53100' })
  t.equal(toAppError(full).code, 'STORAGE_FULL')
  t.ok(isDiskFull(full))
})

t.test('a batch is sealed although the database is away for a moment', async (t) => {
  const batches = createBatchStore(sql)
  let failures = 1
  const service = createBatchService({
    ...config,
    batches: {
      ...batches,
      async seal(id) {
        if (failures-- > 0) throw lostConnection()
        return batches.seal(id)
      },
    },
    uploads,
    receiver: createReceiverOn(uploads),
    queue,
    bus: createProgressBus(() => {}),
    bell: { batchAccepted: () => {} },
  })
  async function* files() {
    for (const number of [2, 3]) yield await file(number)
  }
  const { batch } = await service.receive(ANN, files())
  t.equal((await batches.claimNext())?.id, batch.id, 'its turn can come')
})

t.test('an attempt that the database interrupted is taken back at once, and does not count', async (t) => {
  const receiver = createReceiverOn(uploads)
  const { row } = await receiver.accept(ANN, await receiver.receive(ANN, await file(4)), 'interactive')
  const processing = createProcessingStore(sql, '01900000-0000-7000-8000-00000000000a')
  const heard: string[] = []
  const bus = createProgressBus((thrown) => t.error(thrown))
  bus.subscribe({ userId: ANN, role: 'member' }, (event) =>
    heard.push(`${event.action} ${JSON.stringify(event.payload)}`),
  )
  const state = async () => (await sql`select status, attempts, leased_by from uploads where id = ${row.id}`)[0]
  const claim = async (): Promise<Claim | undefined> => {
    const upload = await processing.claim(row.id)
    return upload && { upload, priority: 'batch', batchId: ANN }
  }
  const ends = [
    async () => Promise.reject(lostConnection()),
    async () => {
      await sql`update uploads set status = 'embedding', stage = 'embedding' where id = ${row.id}`
      await sql`update uploads set status = 'completed', stage = 'completed', leased_by = null where id = ${row.id}`
      throw lostConnection()
    },
  ]
  let away = false
  const leases = createLeases({
    processing: {
      ...processing,
      recover: (running) => (away ? Promise.reject(lostConnection()) : processing.recover(running)),
    },
    bus,
    log: silent,
    onIdle: () => {},
    async develop(upload) {
      t.match(await state(), { status: 'analyzing', attempts: 1 })
      t.equal(leases.count(), 1)
      await leases.takeBack()
      t.match(await state(), { status: 'analyzing' }, 'nobody takes it away from an attempt that runs')
      t.equal(upload.attempts, 1)
      const end = ends.shift()
      return end ? end() : 'completed'
    },
  })

  const claimUnheard = async () => {
    await claim()
    throw lostConnection()
  }
  await t.rejects(leases.develop(claimUnheard), { code: 'CONNECTION_CLOSED' })
  t.match(await state(), { status: 'analyzing', attempts: 1 }, 'claimed, and nobody knows')
  away = true
  await t.rejects(leases.takeBack(), { code: 'CONNECTION_CLOSED' }, 'the tick comes while the database is away')
  away = false
  await t.rejects(leases.develop(claim), { code: 'CONNECTION_CLOSED' }, 'taken back, claimed again, interrupted')
  await t.rejects(leases.develop(claim), { code: 'CONNECTION_CLOSED' }, 'the same, but it had ended')
  t.equal(leases.count(), 0)
  t.same(heard, [])
  t.equal(await leases.develop(claim), undefined, 'nothing is left to do')
  t.equal(heard.length, 1, 'its owner hears of the end')
  t.match(heard[0], /^upload_completed .*"batch_id":"01900000-0000-7000-8000-000000000001"/)
  await leases.takeBack()
  t.equal(heard.length, 1, 'once')
})
