import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { chmod, mkdir, readFile, rename, rm } from 'node:fs/promises'
import { connect as connectSocket, type Socket } from 'node:net'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { Logger } from 'pino'
import postgres from 'postgres'
import { AppError } from '../errors.ts'
import { driverOptions, type Sql } from './driver.ts'
import { scheduleMaintenance } from './embedded-maintenance.ts'
import { compilePostgres, startWorker, superviseWorker, type WorkerTask } from './embedded-supervisor.ts'
import { prepareSocketPath } from './socket-path.ts'

/** The major version of PostgreSQL inside PGlite 0.5. It opens no other version's files. */
const POSTGRES_MAJOR = 18
/** How long a query waits for a database that is being started again. */
const RECONNECT_TIMEOUT_MS = 30_000
const RECONNECT_PAUSE_MS = 50
const CLOSE_TIMEOUT_SECONDS = 5

/**
 * PostgreSQL 18 compiled to WASM (PGlite) in a worker thread, its files in `<data>/database`, spoken to over a unix
 * socket by the same driver as any other PostgreSQL. It has one session: the pool holds one connection and pipelines.
 */
export async function openEmbedded(dataDir: string, log: Logger) {
  const databaseDir = join(dataDir, 'database')
  const wasm = await compilePostgres()
  await prepareDatabaseDir({ wasm, databaseDir })
  const socketPath = await prepareSocketPath(dataDir, 'database.sock')
  const worker = await superviseWorker({ wasm, databaseDir, socketPath }, log).catch((cause) => {
    throw new AppError('DATABASE_UNAVAILABLE', { detail: 'The embedded database did not start.', cause })
  })
  const sql = connect(socketPath, worker.running, log)
  const maintenance = scheduleMaintenance(sql, log)
  return {
    kind: 'embedded' as const,
    sql,
    async ping() {
      await sql`select 1`
    },
    async close() {
      maintenance.stop()
      await sql.end({ timeout: CLOSE_TIMEOUT_SECONDS })
      await worker.stop()
      await rm(socketPath, { force: true })
    },
  }
}

function connect(socketPath: string, running: () => Promise<void>, log: Logger): Sql {
  const options = {
    ...driverOptions(log),
    host: 'embedded',
    database: 'postgres',
    user: 'postgres',
    // More than one gives queries the answers of others: there is one session behind the socket.
    max: 1,
    max_lifetime: null,
    socket: () => reachWorker(socketPath, running),
  }
  return postgres(options)
}

/**
 * A connected socket; waits while the worker is being started again. Never throws: the driver would lose the connection
 * for good. When time is up it gives a socket that fails by itself.
 */
async function reachWorker(socketPath: string, running: () => Promise<void>) {
  const deadline = Date.now() + RECONNECT_TIMEOUT_MS
  while (Date.now() < deadline) {
    await Promise.race([running(), delay(deadline - Date.now(), undefined, { ref: false })])
    const socket = await tryConnect(socketPath)
    if (socket !== undefined) return socket
    await delay(RECONNECT_PAUSE_MS)
  }
  return connectSocket(socketPath)
}

/** A connected socket, or undefined when nobody listens at the path. */
async function tryConnect(socketPath: string): Promise<Socket | undefined> {
  const socket = connectSocket(socketPath)
  try {
    await once(socket, 'connect')
    return socket
  } catch {
    return undefined
  }
}

/** Makes PostgreSQL's files on the first start: elsewhere, then renamed, so that a kill leaves nothing half-made. */
async function prepareDatabaseDir({ wasm, databaseDir }: WorkerTask): Promise<void> {
  const versionFile = join(databaseDir, 'PG_VERSION')
  if (existsSync(versionFile)) return assertVersion(await readFile(versionFile, 'utf8'))
  const temporary = `${databaseDir}.new`
  await rm(temporary, { recursive: true, force: true })
  await mkdir(temporary, { recursive: true, mode: 0o700 })
  await createDatabase({ wasm, databaseDir: temporary })
  await chmod(temporary, 0o700)
  // Fails if a folder with anything in it is in the way, as it should.
  await rename(temporary, databaseDir)
}

function assertVersion(written: string): void {
  const major = Number.parseInt(written, 10)
  if (major === POSTGRES_MAJOR) return
  const detail = `The database in the data folder was made by PostgreSQL ${major}; this program has ${POSTGRES_MAJOR}.`
  throw new AppError(major > POSTGRES_MAJOR ? 'SCHEMA_TOO_NEW' : 'DATABASE_UNAVAILABLE', { detail })
}

async function createDatabase(task: WorkerTask): Promise<void> {
  try {
    const [exitCode] = await once(startWorker(task), 'exit')
    if (exitCode !== 0) throw new Error(`initdb ended with code ${exitCode}.`)
  } catch (cause) {
    throw new AppError('DATABASE_UNAVAILABLE', { detail: 'The embedded database could not be made.', cause })
  }
}
