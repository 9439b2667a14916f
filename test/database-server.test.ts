import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { chown, mkdtemp, rm } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import postgres from 'postgres'
import t, { type Test } from 'tap'
import { openDatabase } from '#src/db/client.js'
import { driverOptions, type Sql, type TransactionSql } from '#src/db/driver.js'
import { claimServer } from '#src/db/server-claim.js'
import { isConnectionLost } from '#src/errors.js'
import { silent } from './helpers/database.ts'

const BIN = '/usr/lib/postgresql/15/bin'
const hasServer = existsSync(join(BIN, 'postgres'))
const skip = hasServer ? false : `there is no PostgreSQL 15 in ${BIN}`

/** PostgreSQL refuses to run as root; on a machine where the tests do, it runs as the user of the Debian package. */
function serverUser(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined
  const ask = (flag: string) => Number(spawnSync('id', [flag, 'postgres'], { encoding: 'utf8' }).stdout)
  return { uid: ask('-u'), gid: ask('-g') }
}

async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  return port
}

/** A new PostgreSQL, on the loopback interface, gone when the test ends. */
async function startServer(t: Test): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'darkroom-server-'))
  const user = serverUser()
  if (user !== undefined) await chown(folder, user.uid, user.gid)
  const data = join(folder, 'data')
  spawnSync(join(BIN, 'initdb'), ['-D', data, '-U', 'postgres', '-A', 'trust', '--no-sync'], { ...user, cwd: folder })
  const port = await findFreePort()
  const settings = ['-c', 'listen_addresses=127.0.0.1', '-c', `unix_socket_directories=${folder}`]
  const server = spawn(join(BIN, 'postgres'), ['-D', data, '-p', `${port}`, ...settings], { ...user, cwd: folder })
  t.teardown(async () => {
    // SIGQUIT is PostgreSQL's immediate shutdown.
    server.kill('SIGQUIT')
    await once(server, 'exit')
    await rm(folder, { recursive: true, force: true })
  })
  for await (const line of server.stderr) if (String(line).includes('ready to accept connections')) break
  server.stderr.resume()
  return `postgres://postgres@127.0.0.1:${port}/postgres`
}

t.test('a server that cannot be reached is told by one sentence', async (t) => {
  const databaseUrl = `postgres://nobody@127.0.0.1:${await findFreePort()}/nothing`
  const failure = { code: 'DATABASE_UNAVAILABLE', message: /DATABASE_URL.*ECONNREFUSED/ }
  await t.rejects(openDatabase({ databaseUrl, dataDir: '' }, silent), failure)
})

t.test('a PostgreSQL server', { skip }, async (t) => {
  const url = await startServer(t)
  const connect = (onclose: () => void = () => {}): Sql => postgres(url, { ...driverOptions(silent), max: 1, onclose })

  t.test('without pgvector is refused by a sentence that says what to install', async (t) => {
    const admin = connect()
    t.teardown(() => admin.end())
    const [row] = await admin`select count(*)::int as available from pg_available_extensions where name = 'vector'`
    if (row?.available === 1) return t.pass('skipped: this PostgreSQL has pgvector')
    const failure = { code: 'PGVECTOR_MISSING', message: /postgresql-15-pgvector/ }
    await t.rejects(openDatabase({ databaseUrl: url, dataDir: '' }, silent), failure)
  })

  t.test('is claimed by one process, and claimed again when the connection is lost', async (t) => {
    const admin = connect()
    t.teardown(() => admin.end())
    const claim = await claimServer(connect, silent)
    await t.rejects(claimServer(connect, silent), { code: 'DATA_DIR_LOCKED', message: /DATABASE_URL/ })
    claim.assertHeld()
    const holders = async () =>
      (await admin`select pid from pg_locks where locktype = 'advisory' and granted`).map((row) => row.pid)
    const [first] = await holders()
    await admin`select pg_terminate_backend(${first})`
    let [second] = await holders()
    while (second === undefined || second === first) [second] = await holders()
    while (t.passing()) {
      try {
        claim.assertHeld()
        break
      } catch {
        await admin`select 1`
      }
    }
    await claim.release()
    const next = await claimServer(connect, silent)
    await next.release()
  })

  t.test('is let go of within a minute when the machine that holds it is gone without a word', async (t) => {
    const sql = connect()
    const claim = await claimServer(() => sql, silent)
    const [row] = await sql`
      select current_setting('tcp_keepalives_idle')::int
             + current_setting('tcp_keepalives_interval')::int * current_setting('tcp_keepalives_count')::int as seconds`
    t.equal(row?.seconds, 60)
    await claim.release()
  })

  t.test('that drops a connection within a transaction loses that transaction and nothing else', async (t) => {
    const admin = connect()
    let closed: () => void = () => {}
    const sql = connect(() => closed())
    t.teardown(() => Promise.all([admin.end(), sql.end()]))
    await sql`create table kept (id int)`
    const drop = (pid: number) => admin`select pg_terminate_backend(${pid})`

    type Cut = (tx: TransactionSql, pid: number) => Promise<unknown>
    const cuts: Record<string, Cut> = {
      'while a query runs': (tx, pid) => Promise.all([tx`select pg_sleep(60)`, drop(pid)]),
      'just before a query': async (tx, pid) => {
        await drop(pid)
        return tx`insert into kept values (2)`
      },
      'long before a query, when the connection serves others again': async (tx, pid) => {
        const gone = new Promise<void>((resolve) => {
          closed = resolve
        })
        await Promise.all([gone, drop(pid)])
        await sql`insert into kept values (3)`
        return tx`insert into kept values (2)`
      },
      'before it would have been kept': async (_, pid) => {
        await drop(pid)
      },
    }
    for (const [when, cut] of Object.entries(cuts)) {
      const lost = await sql
        .begin(async (tx) => {
          await tx`insert into kept values (1)`
          const [row] = await tx<[{ pid: number }]>`select pg_backend_pid() as pid`
          await cut(tx, row.pid)
        })
        .catch((thrown) => thrown)
      t.ok(isConnectionLost(lost), `${when}: ${lost?.code}`)
      const insert = () => sql`insert into kept values (4)`
      await insert().catch((thrown) => {
        if (!isConnectionLost(thrown)) throw thrown
        return insert()
      })
    }
    const kept = await sql`select id, count(*)::int from kept group by id order by id`
    t.same(
      [...kept],
      [
        { id: 3, count: 1 },
        { id: 4, count: 4 },
      ],
    )
  })

  t.test('gives a transaction a connection of its own, also when its socket is full', async (t) => {
    const sql = connect()
    t.teardown(() => sql.end())
    await sql`create table large (note text)`
    const undone = sql.begin(async (tx) => {
      await tx`insert into large values (${'x'.repeat(4_000_000)})`
      throw new Error('undone')
    })
    const beside = Array.from({ length: 10 }, () => sql`insert into large values (${'y'.repeat(1_000_000)})`.execute())
    await t.rejects(undone, { message: 'undone' })
    await Promise.all(beside)
    const [row] = await sql<[{ count: number }]>`select count(*)::int from large`
    t.equal(row.count, 10)
  })
})
