import { EventEmitter, once } from 'node:events'
import { Readable } from 'node:stream'
import t from 'tap'
import { loadConfig } from '#src/config.js'
import { createTrashStore } from '#src/db/trash.js'
import { createUploadStore, type UploadStore } from '#src/db/uploads.js'
import { createUsageStore } from '#src/db/usage.js'
import { AppError } from '#src/errors.js'
import { createMedia } from '#src/media/create-media.js'
import { createQueueLimit } from '#src/services/queue-limit.js'
import { createQuotaService } from '#src/services/quotas.js'
import { createReceiver, type Receiver } from '#src/services/receiver.js'
import { createDiskStore } from '#src/storage/disk-store.js'
import { startApp } from './helpers/app.ts'
import { openClient } from './helpers/client.ts'
import { openTestDatabase } from './helpers/database.ts'
import { picture } from './helpers/samples.ts'
import { until } from './helpers/until.ts'

/** What happens when the disk or the database cannot keep up: whoever comes is asked to come again, and nothing piles up. */

const PICTURES_MOST = 1000
const ANN = '01900000-0000-7000-8000-000000000001'

t.test('while the database is behind, nothing more is let in; a slow sender counts for nothing', async (t) => {
  const { sql, dataDir } = await openTestDatabase(t)
  await sql`insert into users (id, username, password_hash, role) values (${ANN}, 'ann', '', 'member')`
  const config = loadConfig({ DATA_DIR: dataDir, STORING_MAX_UPLOADS: '1' })
  const media = await createMedia(config)
  t.teardown(() => media.close())
  const store = createUploadStore(sql)
  const database = new EventEmitter()
  const uploads: UploadStore = {
    ...store,
    async insert(upload, limits) {
      database.emit('asked')
      await once(database, 'answers')
      return store.insert(upload, limits)
    },
  }
  const blobs = createDiskStore(dataDir)
  const receiver = createReceiver({
    ...config,
    uploads,
    media,
    trash: createTrashStore(sql),
    quotas: createQuotaService({ usage: createUsageStore(sql), defaults: config.quota }),
    queue: createQueueLimit({ uploads, maxUploads: config.queueMaxUploads }),
    blobs,
  })

  const slow = new Readable({ read() {} })
  slow.push((await picture(1)).subarray(0, 100))
  const sending = receiver.receive(ANN, { filename: 'slow.png', stream: slow })
  const whole = await receiver.receive(ANN, { filename: 'whole.png', stream: Readable.from([await picture(2)]) })
  await until(() => slow.readableLength === 0 && blobs.writing() === 0)
  t.doesNotThrow(() => receiver.assertOpen(), 'somebody dawdles, and that holds up nobody')

  const asked = once(database, 'asked')
  const accepting = receiver.accept(ANN, whole, 'interactive')
  await asked
  const seconds = new Set(Array.from({ length: 100 }, () => secondsUntilOpen(receiver)))
  t.same([...seconds].sort(), [1, 2, 3, 4], 'they are not told to come back all at once')
  database.emit('answers')
  t.equal((await accepting).created, true)
  t.doesNotThrow(() => receiver.assertOpen(), 'and then the next may come')
  slow.push(null)
  await receiver.discard(await sending)
})

function secondsUntilOpen(receiver: Receiver): unknown {
  try {
    receiver.assertOpen()
  } catch (thrown) {
    if (thrown instanceof AppError && thrown.code === 'STORAGE_BUSY') return thrown.extra.retry_after_seconds
    throw thrown
  }
  return 'open'
}

t.test('whoever is sent away is told when to come again, and comes through', async (t) => {
  const { address } = await startApp(t, { STORING_MAX_UPLOADS: '1' })
  const client = await openClient(address, 'ann')
  let [next, sentAway, kept] = [0, 0, 0]
  // Those who come together are let in together: it takes some who come while others are being stored.
  const handOver = async () => {
    while (sentAway === 0 && next < PICTURES_MOST) {
      const bytes = await picture(next++)
      for (let answer = await client.upload(bytes); answer.status !== 201; answer = await client.upload(bytes)) {
        t.equal(answer.status, 503)
        t.equal(answer.body.code, 'STORAGE_BUSY')
        t.match(answer.headers.get('retry-after'), /^[1-9]\d*$/)
        sentAway++
      }
      kept++
    }
  }
  await Promise.all(Array.from({ length: 30 }, handOver))
  t.ok(sentAway > 0, `${sentAway} were sent away`)
  t.equal(kept, next, 'all came through')
})
