import { createHash, randomUUID } from 'node:crypto'
import { type FileHandle, mkdir, open, opendir, rename, rm, stat, utimes } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { AppError, systemCode } from '../errors.ts'
import type { BlobStore, ByteRange, ReceiveOptions, StagedFile } from './blob-store.ts'
import { createGauge, type Gauge } from './gauge.ts'
import { foldersAbove, pathOfKey } from './store-paths.ts'

const READ_BUFFER_BYTES = 256 * 1024
const HEAD_BYTES = 64 * 1024
/** A file that is being written into a folder that is being removed makes `rm` try again. */
const REMOVE_RETRIES = 5

/**
 * Blobs as files under `<data>/media`; what is not whole yet is in `<data>/tmp`, in the same file system, so that
 * a rename is all it takes to make it visible.
 */
export function createDiskStore(dataDir: string): BlobStore {
  const root = resolve(dataDir)
  const temporaryDir = join(root, 'tmp')
  const asideDir = join(root, 'orphans')
  /** Folders whose own names are durable: those of the users and above them. */
  const settled = new Set<string>()
  const writes = createGauge()
  const changes = createGauge()
  let isClosed = false

  /** A change of what is stored. What was given up when the program stopped may come to its end when all is closed. */
  async function change<T>(work: () => Promise<T>): Promise<T> {
    if (isClosed) throw new AppError('NOT_READY', { detail: 'The server is stopping.' })
    return changes.during(work)
  }

  async function stage<T>(write: (file: FileHandle) => Promise<T>): Promise<{ path: string; written: T }> {
    const path = join(temporaryDir, randomUUID())
    try {
      return { path, written: await writeDurably(path, write, writes) }
    } catch (thrown) {
      await rm(path, { force: true })
      throw asStorageError(thrown)
    }
  }

  async function publish(temporary: string, key: string): Promise<void> {
    const path = pathOfKey(root, key)
    try {
      await mkdir(dirname(path), { recursive: true, mode: 0o700 })
      await rename(temporary, path)
      await settle(foldersAbove(root, path))
    } catch (thrown) {
      throw asStorageError(thrown)
    }
  }

  /** Makes the names durable that lead to a file: any folder may be new, made by this call or by another one running. */
  async function settle(folders: readonly string[]): Promise<void> {
    const lowestSettled = folders.findIndex((folder) => settled.has(folder))
    await Promise.all((lowestSettled < 0 ? folders : folders.slice(0, lowestSettled + 1)).map(syncFolder))
    for (const folder of folders.slice(1)) settled.add(folder)
  }

  return {
    async receive(source, options) {
      // The source may fail while the file is still being opened; what failed is reported when it is read.
      source.on('error', () => {})
      const { path, written } = await change(() => stage((file) => streamInto(file, source, options, writes)))
      return { path, ...written }
    },

    writing: () => writes.count(),

    commit: (staged, key) => change(() => publish(staged.path, key)),

    discard: (staged) => changes.during(() => rm(staged.path, { force: true })),

    put: (key, bytes) =>
      change(async () => {
        pathOfKey(root, key)
        const { path } = await stage((file) => file.writeFile(bytes))
        try {
          await publish(path, key)
        } catch (thrown) {
          await rm(path, { force: true })
          throw thrown
        }
      }),

    async stat(key) {
      const found = await statFile(pathOfKey(root, key))
      return found && { sizeBytes: found.size, modifiedAt: found.mtime }
    },

    open: (key, range) => openBlob(pathOfKey(root, key), range),

    async localPath(key) {
      const path = pathOfKey(root, key)
      if ((await statFile(path)) === undefined) throw new AppError('FILE_MISSING')
      return path
    },

    async removeFolder(prefix) {
      const path = pathOfKey(root, prefix)
      // A prefix of one segment is the store itself.
      if (dirname(path) === root) throw new AppError('INTERNAL', { cause: new Error(`Refused to remove ${prefix}.`) })
      settled.delete(path)
      await changes.during(() => rm(path, { recursive: true, force: true, maxRetries: REMOVE_RETRIES }))
    },

    setAside: (prefix) =>
      change(async () => {
        await mkdir(asideDir, { recursive: true, mode: 0o700 })
        const aside = join(asideDir, `${basename(prefix)}-${randomUUID()}`)
        try {
          await rename(pathOfKey(root, prefix), aside)
        } catch (thrown) {
          // Its owner deleted it for good at this moment.
          if (isMissing(thrown)) return
          throw thrown
        }
        // The time it was set aside, not the time of the last file in it.
        await utimes(aside, new Date(), new Date())
      }),

    async removeSetAside(before) {
      let removed = 0
      for await (const { name } of entriesOf(asideDir)) {
        const path = join(asideDir, name)
        if ((await stat(path)).mtime >= before) continue
        await change(() => rm(path, { recursive: true, force: true }))
        removed += 1
      }
      return removed
    },

    listFolders: (prefix) => listFolders(pathOfKey(root, prefix)),

    close() {
      isClosed = true
      return changes.idle()
    },

    async sweepTemporary() {
      let removed = 0
      for await (const { name } of entriesOf(temporaryDir)) {
        await rm(join(temporaryDir, name), { recursive: true, force: true })
        removed += 1
      }
      return removed
    },
  }
}

async function writeDurably<T>(path: string, write: (file: FileHandle) => Promise<T>, writes: Gauge): Promise<T> {
  const file = await writes.during(() => createFile(path))
  try {
    const written = await write(file)
    await writes.during(() => file.sync())
    return written
  } finally {
    await writes.during(() => file.close())
  }
}

async function createFile(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'wx', 0o600)
  } catch (thrown) {
    if (!isMissing(thrown)) throw thrown
    await mkdir(dirname(path), { recursive: true, mode: 0o700 })
    return open(path, 'wx', 0o600)
  }
}

async function streamInto(
  file: FileHandle,
  source: Readable,
  { maxBytes, signal }: ReceiveOptions,
  writes: Gauge,
): Promise<Omit<StagedFile, 'path'>> {
  const hash = createHash('sha256')
  const head = Buffer.allocUnsafe(HEAD_BYTES)
  let sizeBytes = 0
  const write = async (chunks: AsyncIterable<Uint8Array>) => {
    for await (const chunk of chunks) {
      if (sizeBytes < HEAD_BYTES) head.set(chunk.subarray(0, HEAD_BYTES - sizeBytes), sizeBytes)
      sizeBytes += chunk.length
      if (sizeBytes > maxBytes) throw new AppError('UPLOAD_TOO_LARGE')
      hash.update(chunk)
      await writes.during(() => file.writeFile(chunk))
    }
  }
  try {
    await pipeline(source, write, { signal })
  } catch (thrown) {
    throw isSourceGone(thrown, source, signal) ? new AppError('UPLOAD_ABORTED', { cause: thrown }) : thrown
  }
  return { sizeBytes, sha256: hash.digest('hex'), head: head.subarray(0, sizeBytes) }
}

/** Whether the file ended too early because of the side that sends it, not because of this one. */
function isSourceGone(thrown: unknown, source: Readable, signal: AbortSignal | undefined): boolean {
  // A failing disk destroys the source with its own error, so that the source alone does not tell. Only the disk writes.
  if (thrown instanceof AppError || syscallOf(thrown) === 'write') return false
  return signal?.aborted || thrown === source.errored || systemCode(thrown) === 'ERR_STREAM_PREMATURE_CLOSE'
}

function syscallOf(thrown: unknown): unknown {
  return thrown instanceof Error && 'syscall' in thrown ? thrown.syscall : undefined
}

function asStorageError(thrown: unknown): unknown {
  const code = systemCode(thrown) ?? ''
  // A file system that met an error of its disk lets itself be read only: there is no room for anything new either.
  const detail = code === 'EROFS' ? 'The disk of the server can only be read.' : undefined
  return ['ENOSPC', 'EDQUOT', 'EROFS'].includes(code) ? new AppError('STORAGE_FULL', { detail, cause: thrown }) : thrown
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

function isMissing(thrown: unknown): boolean {
  return ['ENOENT', 'ENOTDIR'].includes(systemCode(thrown) ?? '')
}

async function statFile(path: string) {
  try {
    const found = await stat(path)
    return found.isFile() ? found : undefined
  } catch (thrown) {
    if (isMissing(thrown)) return undefined
    throw thrown
  }
}

async function openBlob(path: string, range?: ByteRange): Promise<Readable> {
  if ((await statFile(path)) === undefined) throw new AppError('FILE_MISSING')
  try {
    // Opened before it is handed out: a file that is deleted meanwhile is still read to its end.
    const file = await open(path, 'r')
    return file.createReadStream({ highWaterMark: READ_BUFFER_BYTES, ...range })
  } catch (thrown) {
    throw isMissing(thrown) ? new AppError('FILE_MISSING', { cause: thrown }) : thrown
  }
}

async function* listFolders(path: string): AsyncGenerator<string> {
  for await (const entry of entriesOf(path)) if (entry.isDirectory()) yield entry.name
}

async function* entriesOf(path: string) {
  try {
    yield* await opendir(path)
  } catch (thrown) {
    if (!isMissing(thrown)) throw thrown
  }
}
