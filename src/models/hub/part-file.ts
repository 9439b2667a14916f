import { createHash } from 'node:crypto'
import { constants } from 'node:fs'
import { mkdir, open, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { asDiskError, publishFile } from '../store/durable.ts'

/** Large enough that hashing what is there is as fast as the disk. */
const READ_BUFFER_BYTES = 1024 * 1024

/** A file that is still arriving. It survives a crash, and its hash is that of all its bytes. */
export interface PartFile {
  readonly sizeBytes: number
  append(chunk: Uint8Array): Promise<void>
  /** Forgets what has arrived. */
  restart(): Promise<void>
  /** Of what has arrived so far, in hexadecimal. */
  sha256(): string
  /** Makes it durable, then visible under its name. */
  publish(target: string): Promise<void>
  remove(): Promise<void>
  /** Idempotent. What has arrived stays. */
  close(): Promise<void>
}

/** Opens what an earlier try left, or an empty file; the folders above it are made. */
export async function openPartFile(path: string, signal?: AbortSignal): Promise<PartFile> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  const file = await open(path, constants.O_RDWR | constants.O_CREAT, 0o600)
  let hash = createHash('sha256')
  let sizeBytes = 0
  let closed: Promise<void> | undefined
  const close = () => {
    closed ??= file.close()
    return closed
  }

  try {
    for await (const chunk of file.createReadStream({
      start: 0,
      autoClose: false,
      highWaterMark: READ_BUFFER_BYTES,
      signal,
    })) {
      hash.update(chunk)
      sizeBytes += chunk.length
    }
  } catch (thrown) {
    await close()
    throw thrown
  }

  return {
    get sizeBytes() {
      return sizeBytes
    },
    async append(chunk) {
      try {
        await writeAll(chunk)
      } catch (thrown) {
        throw asDiskError(thrown)
      }
      hash.update(chunk)
      sizeBytes += chunk.length
    },
    async restart() {
      await file.truncate(0)
      hash = createHash('sha256')
      sizeBytes = 0
    },
    sha256: () => hash.copy().digest('hex'),
    async publish(target) {
      await file.sync()
      await close()
      await publishFile(path, target)
    },
    async remove() {
      await close()
      await rm(path, { force: true })
    },
    close,
  }

  async function writeAll(chunk: Uint8Array): Promise<void> {
    for (let offset = 0; offset < chunk.length; ) {
      const { bytesWritten } = await file.write(chunk, offset, chunk.length - offset, sizeBytes + offset)
      offset += bytesWritten
    }
  }
}
