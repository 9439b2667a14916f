import { randomUUID } from 'node:crypto'
import { mkdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { AppError, systemCode } from '../../errors.ts'
import { isMissing } from './durable.ts'
import { modelsFolder } from './pack-folders.ts'

/** A holder says this often that it lives. */
const HEARTBEAT_MS = 5_000
/** Several heartbeats, so that a busy machine does not look like a dead one. */
const STALE_MS = 30_000

/**
 * Does something that nobody else may do to the same pack meanwhile, in this process or another one. A holder that was
 * killed is noticed at once on this machine, and after half a minute on another one that shares the folder.
 * @throws AppError MODEL_PACK_BUSY
 */
export async function withPackLock<T>(dataDir: string, pack: string, work: () => Promise<T>): Promise<T> {
  const path = join(modelsFolder(dataDir), `${pack}.lock`)
  await mkdir(modelsFolder(dataDir), { recursive: true, mode: 0o700 })
  if (!(await take(path)) && !((await removeStale(path)) && (await take(path)))) {
    const detail = `Another command is working on the model pack ${pack}. Wait until it is done.`
    throw new AppError('MODEL_PACK_BUSY', { detail })
  }
  // A missed heartbeat is made up for by the next one.
  const heartbeat = setInterval(() => void utimes(path, new Date(), new Date()).catch(() => {}), HEARTBEAT_MS)
  heartbeat.unref()
  try {
    return await work()
  } finally {
    clearInterval(heartbeat)
    await rm(path, { force: true })
  }
}

async function take(path: string): Promise<boolean> {
  try {
    await writeFile(path, `${process.pid} ${hostname()} ${randomUUID()}`, { flag: 'wx', mode: 0o600 })
    return true
  } catch (thrown) {
    if (systemCode(thrown) !== 'EEXIST') throw thrown
    return false
  }
}

/** Whether a lock that nobody holds was taken out of the way. */
async function removeStale(path: string): Promise<boolean> {
  const aside = `${path}.${randomUUID()}`
  try {
    const holder = await readFile(path, 'utf8')
    if (!isDead(holder) && Date.now() - (await stat(path)).mtimeMs < STALE_MS) return false
    // Renamed first: of several that find it stale, one moves it and the others fail.
    await rename(path, aside)
    const moved = await readFile(aside, 'utf8')
    if (moved === holder) await rm(aside)
    // Somebody was faster, and this is theirs.
    else await rename(aside, path)
    return moved === holder
  } catch (thrown) {
    if (isMissing(thrown)) return true
    throw thrown
  }
}

function isDead(holder: string): boolean {
  const [pid = '', host] = holder.split(' ')
  if (host !== hostname() || !/^\d+$/.test(pid)) return false
  try {
    process.kill(Number(pid), 0)
    return false
  } catch (thrown) {
    return systemCode(thrown) === 'ESRCH'
  }
}
