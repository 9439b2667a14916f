import { createHash, randomUUID } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { AppError, systemCode } from '../../errors.ts'

const READ_BUFFER_BYTES = 1024 * 1024

/** Gives a file that is on the disk its final name, so that a crash leaves the old one or the new one, whole. */
export async function publishFile(temporary: string, target: string): Promise<void> {
  await rename(temporary, target)
  await syncFolder(dirname(target))
}

/** Writes JSON that is there whole or not at all, whatever happens. */
export async function writeJson(path: string, value: unknown): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  const temporary = `${path}.${randomUUID()}`
  try {
    const file = await open(temporary, 'wx', 0o600)
    try {
      await file.writeFile(`${JSON.stringify(value, null, 2)}\n`)
      await file.sync()
    } finally {
      await file.close()
    }
    await publishFile(temporary, path)
  } catch (thrown) {
    await rm(temporary, { force: true })
    throw asDiskError(thrown)
  }
}

/** The text of a file, or undefined when there is none. */
export async function readText(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (thrown) {
    if (isMissing(thrown)) return undefined
    throw thrown
  }
}

/** Size of a file, or undefined when there is none. Links are followed. */
export async function sizeOf(path: string): Promise<number | undefined> {
  try {
    const found = await stat(path)
    return found.isFile() ? found.size : undefined
  } catch (thrown) {
    if (isMissing(thrown)) return undefined
    throw thrown
  }
}

/** The names in a folder; none when there is no folder. */
export async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder)
  } catch (thrown) {
    if (isMissing(thrown)) return []
    throw thrown
  }
}

/** SHA-256 of a file in hexadecimal, read piece by piece; undefined when there is none. */
export async function hashFile(path: string, signal?: AbortSignal): Promise<string | undefined> {
  const hash = createHash('sha256')
  try {
    const options = { highWaterMark: READ_BUFFER_BYTES, ...(signal && { signal }) }
    for await (const chunk of createReadStream(path, options)) hash.update(chunk)
  } catch (thrown) {
    if (isMissing(thrown)) return undefined
    throw thrown
  }
  return hash.digest('hex')
}

export function isMissing(thrown: unknown): boolean {
  return ['ENOENT', 'ENOTDIR'].includes(systemCode(thrown) ?? '')
}

/** A full disk gets its sentence, everything else stays what it is. */
export function asDiskError(thrown: unknown): unknown {
  if (!['ENOSPC', 'EDQUOT'].includes(systemCode(thrown) ?? '')) return thrown
  const detail = 'The disk is full. What has arrived is kept: make room, and run the same command again.'
  return new AppError('STORAGE_FULL', { detail, cause: thrown })
}

/** Makes the names in a folder durable. Windows cannot open folders, and does not need to. */
async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return
  const folder = await open(path, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}
