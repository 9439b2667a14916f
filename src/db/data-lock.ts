import { mkdir, rename, rm, rmdir, stat } from 'node:fs/promises'
import { connect, createServer, type Server } from 'node:net'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { AppError, systemCode } from '../errors.ts'
import { prepareSocketPath } from './socket-path.ts'

/** A process that died between two lines left its turn behind; taking it takes milliseconds. */
const STALE_TURN_MS = 10_000
const TURN_PAUSE_MS = 25

export interface DataLock {
  /** Gives the folder to the next process. The kernel does it when this process is killed. */
  release(): Promise<void>
}

/**
 * Makes this process the only one that uses a data folder. The lock is a unix socket in the folder that this process
 * listens on: it dies with the process whatever kills it, needs no process ids, and so works across containers too.
 * @throws AppError DATA_DIR_LOCKED naming the folder
 */
export async function lockDataDir(dataDir: string): Promise<DataLock> {
  await mkdir(dataDir, { recursive: true, mode: 0o700 })
  const path = await prepareSocketPath(dataDir, 'lock.sock')
  const server = await withTurn(join(dataDir, 'run', 'lock.turn'), async () => {
    if (await isAnswered(path)) throw lockedError(dataDir)
    await rm(path, { force: true })
    return listen(path)
  })
  return { release: () => new Promise((resolve) => server.close(() => resolve())) }
}

function lockedError(dataDir: string): AppError {
  return new AppError('DATA_DIR_LOCKED', {
    detail: `Another Darkroom is already using the data folder ${dataDir}. Stop it, or set DATA_DIR to another folder.`,
  })
}

/** One process at a time looks whether the socket is answered, removes it and makes its own: `mkdir` is atomic. */
async function withTurn<T>(turn: string, work: () => Promise<T>): Promise<T> {
  while (!(await takeTurn(turn))) await delay(TURN_PAUSE_MS)
  try {
    return await work()
  } finally {
    await rmdir(turn)
  }
}

async function takeTurn(turn: string): Promise<boolean> {
  try {
    await mkdir(turn)
    return true
  } catch (thrown) {
    if (systemCode(thrown) !== 'EEXIST') throw thrown
    await removeStaleTurn(turn)
    return false
  }
}

async function removeStaleTurn(turn: string): Promise<void> {
  try {
    // Either way: with the clock set back, the time of a turn that was left behind lies in the future.
    if (Math.abs(Date.now() - (await stat(turn)).mtimeMs) < STALE_TURN_MS) return
    // Renamed first: of several processes that find it stale, one moves it and the others fail.
    const mine = `${turn}.${process.pid}`
    await rename(turn, mine)
    await rmdir(mine)
  } catch (thrown) {
    if (systemCode(thrown) !== 'ENOENT') throw thrown
  }
}

/** Whether a living process listens. Any answer but "nobody there" counts as one: better refused than shared. */
function isAnswered(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path)
    socket.on('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.on('error', (error) => resolve(!['ECONNREFUSED', 'ENOENT'].includes(systemCode(error) ?? '')))
  })
}

function listen(path: string): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy())
    server.on('error', reject)
    // The lock alone keeps no process alive.
    server.listen(path, () => resolve(server.unref()))
  })
}
