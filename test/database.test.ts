import { once } from 'node:events'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import t from 'tap'
import type { Sql } from '#src/db/client.js'
import { vacuumChangedTables } from '#src/db/embedded-maintenance.js'
import { planned } from '#src/db/planned.js'
import { createUploadStore, type NewUpload } from '#src/db/uploads.js'
import { isConnectionLost } from '#src/errors.js'
import { openEmbeddedDatabase } from './helpers/database.ts'

/** Ends the worker from within: PostgreSQL compiled to WASM exits when it is to read from a client's stream. */
async function crash(sql: Pick<Sql, 'unsafe'>): Promise<void> {
  const stream = await sql.unsafe('copy crash_test from stdin').writable()
  stream.on('error', () => {})
  await once(stream, 'close')
}

/** What an idempotent caller does. */
async function untilReachable<T>(work: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await work()
    } catch (thrown) {
      if (!isConnectionLost(thrown)) throw thrown
    }
  }
}

const database = await openEmbeddedDatabase(t)
const { sql } = database

t.test('the embedded database gives the types that the program counts on', async (t) => {
  t.equal(database.kind, 'embedded')
  await database.ping()
  const [row] = await sql`
    select 5000000000::bigint as big_number, now() as some_time, '{"snake_key": [1, {"x_y": null}]}'::jsonb as some_json,
           '[1,2.5]'::vector as some_vector, array['a', 'b'] as some_texts, count(*) as counted from users`
  t.match(row, { bigNumber: 5_000_000_000, someVector: '[1,2.5]', someTexts: ['a', 'b'], counted: 0 })
  t.same(row?.someJson, { snake_key: [1, { x_y: null }] })
  t.ok(row?.someTime instanceof Date)
  const moment = '2024-05-01T10:00:00.123456Z'
  const [kept] = await sql`
    select to_char(${moment}::timestamptz, 'US') as micros, ${new Date(moment)}::timestamptz as some_date`
  t.same(kept, { micros: '123456', someDate: new Date(moment) }, 'a moment keeps its microseconds')
})

t.test('the embedded database writes through to the disk', async (t) => {
  const [row] = await sql`
    select current_setting('fsync') as fsync, current_setting('wal_sync_method') as method,
           current_setting('synchronous_commit') as commits, current_setting('shared_buffers') as buffers`
  t.same({ ...row }, { fsync: 'on', method: 'fsync', commits: 'on', buffers: '32MB' })
})

t.test('hundreds of queries and transactions at once each get their own answer', async (t) => {
  const numbers = Array.from({ length: 300 }, (_, index) => index)
  const answers = await Promise.all(
    numbers.map(async (number) => {
      if (number % 3 > 0) return (await sql`select ${number}::int as answer`)[0]?.answer
      return sql.begin(async (tx) => {
        await tx`select pg_advisory_xact_lock(1)`
        return (await tx`select ${number}::int as answer`)[0]?.answer
      })
    }),
  )
  t.same(answers, numbers)
})

t.test('a statement is planned for its very values, and no other that comes at the same moment', async (t) => {
  type Row = { mode: string; number: number }
  const ask = (number: number) => sql`select current_setting('plan_cache_mode') as mode, ${number}::int as number`
  const asked = Array.from({ length: 300 }, (_, number) => number)
  const rows = await Promise.all(
    asked.map(async (number) => {
      if (number % 3 === 0) return (await planned<Row>(sql, ask(number)))[0]
      if (number % 3 === 1) return (await ask(number))[0]
      return sql.begin(async (tx) => {
        await tx`select 1`
        return (await tx<Row[]>`select current_setting('plan_cache_mode') as mode, ${number}::int as number`)[0]
      })
    }),
  )
  t.same(
    rows,
    asked.map((number) => ({ mode: number % 3 === 0 ? 'force_custom_plan' : 'auto', number })),
  )
  const broken = t.rejects(planned(sql, sql`select 1 / ${0}::int`), { code: '22012' })
  const [after] = await ask(0)
  await broken
  t.match(after, { mode: 'auto' }, 'also after one that failed')
})

t.test(
  'uploads that come at the same moment share commits, and one that cannot be kept takes no other with it',
  async (t) => {
    const [ann, nobody] = ['01900000-0000-7000-8000-00000000000a', '01900000-0000-7000-8000-00000000000b']
    await sql`insert into users (id, username, password_hash, role) values (${ann}, 'ann', '', 'member')`
    const store = createUploadStore(sql)
    const insertAll = (numbers: number[], change: (number: number) => Partial<NewUpload> = () => ({})) =>
      Promise.allSettled(
        numbers.map((number) => {
          const id = `01900000-0000-7000-8000-0000000${10_000 + number}`
          const file = {
            filename: `\u{1F4F7} "${number}", {}\\.png`,
            fileSize: 5_000_000_000,
            sha256: `hash ${number}`,
          }
          const type = { fileType: 'image', mimeType: 'image/png', extension: 'png', lane: 'interactive' } as const
          const upload = { id, userId: ann, ...file, ...type, ...change(number) }
          return store.insert(upload, { bytes: null, files: null })
        }),
      )
    const numbers = Array.from({ length: 250 }, (_, number) => number)
    // The last has the bytes of the first.
    const first = await insertAll(numbers, (number) => (number === 249 ? { sha256: 'hash 0' } : {}))
    t.same(
      first.map((one) => one.status === 'fulfilled' && one.value.created),
      numbers.map((number) => number !== 249),
    )
    t.match(first.at(-1), {
      value: { row: { filename: '\u{1F4F7} "0", {}\\.png', fileSize: 5_000_000_000, userId: ann } },
    })
    const [commits] = await sql`select count(distinct xmin::text)::int as count from uploads`
    t.ok(commits?.count <= 5, `${commits?.count} commits for 249 uploads`)

    const more = await insertAll([300, 301, 302, 303], (number) => (number === 302 ? { userId: nobody } : {}))
    t.same(
      more.map(({ status }) => status),
      ['fulfilled', 'fulfilled', 'rejected', 'fulfilled'],
    )
    t.match(more[2], { reason: { code: '23503' } })
  },
)

t.test('a heavy query does not hold up the event loop', async (t) => {
  const delays = monitorEventLoopDelay({ resolution: 5 })
  delays.enable()
  await sql`select count(*) from generate_series(1, 1000000) n where sqrt(n) > 5`
  delays.disable()
  t.ok(delays.max / 1e6 < 500, `${delays.max / 1e6} ms`)
})

t.test('a database that dies is started again and has what was committed', async (t) => {
  await sql`create table crash_test (id int primary key)`
  await sql`insert into crash_test values (1)`
  const lost = await sql
    .begin(async (tx) => {
      await tx`insert into crash_test values (2)`
      await crash(tx)
      await tx`insert into crash_test values (3)`
    })
    .catch((thrown) => thrown)
  t.ok(isConnectionLost(lost), lost.message)
  const ids = () => sql<{ id: number }[]>`select id from crash_test order by id`
  t.same([...(await untilReachable(ids))], [{ id: 1 }])
  await sql.begin((tx) => tx`insert into crash_test values (4)`)
  t.same([...(await ids())], [{ id: 1 }, { id: 4 }])
  await database.ping()
})

t.test('maintenance vacuums and analyzes what has changed, and only that', async (t) => {
  await vacuumChangedTables(sql)
  await sql`create table changed (id int primary key, n int)`
  await sql`create table with_vectors (id int primary key, v vector(3))`
  await sql`create index on with_vectors using hnsw (v vector_cosine_ops)`
  await sql`insert into changed select n, 0 from generate_series(1, 500) n`
  await sql`insert into with_vectors select n, '[1,2,3]' from generate_series(1, 200) n`
  await sql`update changed set n = 1`
  await sql`delete from with_vectors where id < 100`
  t.same((await vacuumChangedTables(sql)).sort(), ['changed', 'with_vectors'])
  t.same(await vacuumChangedTables(sql), [])
})
