import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { chown, mkdtemp, rm } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import postgres from 'postgres'
import t, { type Test } from 'tap'
import { isConnectionLost, openDatabase } from '../src/db/client.ts'
import { driverOptions, type Sql } from '../src/db/driver.ts'
import { claimServer } from '../src/db/server-claim.ts'
import { steadySocket } from '../src/db/steady-socket.ts'
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

/** A new PostgreSQL without pgvector, on the loopback interface, gone when the test ends. */
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
  const connect = (onclose: () => void = () => {}): Sql => {
    const { hostname, port } = new URL(url)
    const socket = () => steadySocket({ host: hostname, port: Number(port) })
    const options = { ...driverOptions(silent), max: 1, onclose, socket }
    return postgres(url, options)
  }

  t.test('without pgvector is refused by a sentence that says what to install', async (t) => {
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

  t.test('that drops a connection within a transaction loses that transaction and nothing else', async (t) => {
    const admin = connect()
    const sql = connect()
    t.teardown(() => Promise.all([admin.end(), sql.end()]))
    await sql`create table kept (id int)`
    for (let round = 0; round < 5; round += 1) {
      const lost = await sql
        .begin(async (tx) => {
          await tx`insert into kept values (1)`
          const [row] = await tx`select pg_backend_pid() as pid`
          await admin`select pg_terminate_backend(${row?.pid})`
          await tx`insert into kept values (2)`
        })
        .catch((thrown) => thrown)
      t.ok(isConnectionLost(lost), lost.message)
      const insert = () => sql`insert into kept values (3)`
      await insert().catch((thrown) => {
        if (!isConnectionLost(thrown)) throw thrown
        return insert()
      })
    }
    t.same(
      (await sql`select id from kept`).map(({ id }) => id),
      [3, 3, 3, 3, 3],
    )
  })
})
