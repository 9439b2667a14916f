import { execFile } from 'node:child_process'
import { cp, mkdir, rename, rm, statfs, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { until } from '../../../helpers/until.ts'
import { launch } from '../server.ts'
import { signUp, type User } from '../user.ts'
import { handOver, isAllKept, type Kept, type Trial } from './fault.ts'

const run = promisify(execFile)
const KIB = 1024
const DISK_BYTES = 192 * KIB * KIB

/** From "nothing fits" to "the file fits and the database does not": each leaves another write without room. */
const FREE_BYTES: readonly number[] = [0, 8 * KIB, 64 * KIB, 200 * KIB, 1024 * KIB, 6 * 1024 * KIB]

/** A disk of its own in memory. False when this user may not mount one. */
export async function mountDisk(path: string, bytes = DISK_BYTES): Promise<boolean> {
  await mkdir(path, { recursive: true })
  return run('mount', ['-t', 'tmpfs', '-o', `size=${bytes}`, 'darkroom-chaos', path]).then(
    () => true,
    () => false,
  )
}

export async function unmountDisk(path: string): Promise<void> {
  await run('umount', ['-l', path])
}

/** A disk that fills up and gets room again, under one process. */
export async function fullDisk({ dataDir: disk, holds }: Trial): Promise<void> {
  if (!(await mountDisk(disk))) return holds(true, 'a full disk: skipped, a disk of memory cannot be mounted here')
  try {
    await runOutOfRoom({ dataDir: join(disk, 'data'), holds }, disk, 'everything on one disk', FREE_BYTES)
  } finally {
    await unmountDisk(disk)
  }
}

/** The same when only the database runs out of room: its log, its tables and its indexes cannot grow. */
export async function fullDatabaseDisk({ dataDir, holds }: Trial, freeBytes = FREE_BYTES): Promise<void> {
  const disk = join(dataDir, 'database')
  if (!(await moveDatabase(dataDir))) return holds(true, 'a full disk of the database: skipped, nothing can be mounted')
  try {
    await runOutOfRoom({ dataDir, holds }, disk, 'the database on a disk of its own', freeBytes)
  } finally {
    await unmountDisk(disk)
  }
}

/** Makes a database and gives it a disk of its own. False when that cannot be mounted. */
export async function moveDatabase(dataDir: string): Promise<boolean> {
  const maker = launch(dataDir)
  await maker.ready()
  await maker.stop()
  const disk = join(dataDir, 'database')
  await rename(disk, `${disk}.made`)
  if (!(await mountDisk(disk))) return false
  await cp(`${disk}.made`, disk, { recursive: true })
  await rm(`${disk}.made`, { recursive: true })
  return true
}

async function runOutOfRoom(
  { dataDir, holds }: Trial,
  disk: string,
  what: string,
  steps: readonly number[],
): Promise<void> {
  const ballast = join(disk, 'ballast')
  const server = launch(dataDir)
  try {
    const address = await server.ready()
    const user = await signUp(address, 'fulldisk')
    const kept: Kept[] = []
    for (const [round, freeBytes] of steps.entries()) {
      const first = 1000 * (round + 1)
      await fill(disk, ballast, freeBytes)
      const answers = await handOverSome(user, address, first, kept)
      await rm(ballast)
      holds(
        answers.every((answer) => ALLOWED.has(answer)),
        `${what}, ${freeBytes} bytes free: ${answers.join(', ')}`,
      )
      await until(async () => {
        const { kept: one } = await handOver(user, address, first + 999)
        if (one) kept.push(one)
        return one !== undefined
      })
      holds(await isAllKept(user, address, kept), `it works again, ${kept.length} acknowledged uploads are developed`)
    }
    holds((await server.stop()) === 0, 'SIGTERM ends it with 0')
  } finally {
    await server.kill()
  }
}

const ALLOWED = new Set(['201', '200', '507 STORAGE_FULL', '503 DATABASE_UNAVAILABLE'])

/** Several small pictures and one of half a megabyte: what does not fit differs. */
async function handOverSome(user: User, address: string, first: number, kept: Kept[]): Promise<string[]> {
  const answers: string[] = []
  for (const [index, size] of SIZES.entries()) {
    const { status, code, kept: one } = await handOver(user, address, first + index, size)
    answers.push(`${status}${code ? ` ${code}` : ''}`)
    if (one) kept.push(one)
  }
  return answers
}

const SIZES = [64, 64, 400, 64, 64, 64, 64, 64]

async function fill(disk: string, ballast: string, freeBytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(disk)
  await writeFile(ballast, Buffer.alloc(Math.max(0, bavail * bsize - freeBytes)))
}
