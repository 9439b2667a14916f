import { createHash } from 'node:crypto'
import { chmod, mkdir, mkdtemp, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A unix socket's path holds 104 bytes on macOS and 108 on Linux. */
const LONGEST_SOCKET_PATH_BYTES = 100

/**
 * Where a socket of this name goes: `<data>/run`, which only this user may enter. If that path is too long, the same
 * folder by way of a short link, so that two processes still meet at the same socket.
 */
export async function prepareSocketPath(dataDir: string, name: string): Promise<string> {
  const folder = join(dataDir, 'run')
  await mkdir(folder, { recursive: true, mode: 0o700 })
  await chmod(folder, 0o700)
  // Windows has no socket files; its named pipes also die with their process.
  if (process.platform === 'win32') return `\\\\.\\pipe\\darkroom-${hashOf(folder)}-${name}`
  const path = join(folder, name)
  if (Buffer.byteLength(path) <= LONGEST_SOCKET_PATH_BYTES) return path
  return join(await linkTo(folder), name)
}

async function linkTo(folder: string): Promise<string> {
  const link = join(await mkdtemp(join(tmpdir(), 'darkroom-')), 'run')
  await symlink(folder, link)
  return link
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16)
}
