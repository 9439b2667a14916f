import { randomBytes, randomUUID } from 'node:crypto'
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { systemCode } from '../errors.ts'

const SECRET_BYTES = 48

/** A secret nobody configured is made once. An empty file is what a kill or a full disk may leave: it counts as none. */
export function loadOrCreateSecret(dataDir: string): string {
  const path = join(dataDir, 'token-secret')
  if (readSecret(path) === '') {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 })
    createSecret(path)
  }
  return readSecret(path)
}

/** Empty when there is none. */
function readSecret(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim()
  } catch (thrown) {
    if (systemCode(thrown) === 'ENOENT') return ''
    throw thrown
  }
}

/** The file gets its name when it is complete and on the disk. 0600, so that no other user of the machine reads it. */
function createSecret(path: string): void {
  const temporary = `${path}.${randomUUID()}`
  try {
    writeFileSync(temporary, randomBytes(SECRET_BYTES).toString('base64url'), { flag: 'wx', mode: 0o600, flush: true })
    linkOrReplace(temporary, path)
  } finally {
    rmSync(temporary, { force: true })
  }
}

/** Of two processes that start together, exactly one succeeds with the link; the other takes what that one made. */
function linkOrReplace(temporary: string, path: string): void {
  try {
    linkSync(temporary, path)
  } catch (thrown) {
    if (systemCode(thrown) === 'EEXIST' && readSecret(path) !== '') return
    // An empty file is in the way, or the file system has no links (exFAT, some network shares).
    renameSync(temporary, path)
  }
}
