import { randomInt } from 'node:crypto'
import type { Readable } from 'node:stream'
import { v7 as uuidv7 } from 'uuid'
import type { TrashStore } from '../db/trash.ts'
import type { NewUpload, QuotaLimits, UploadRow, UploadStore } from '../db/uploads.ts'
import { AppError, isConnectionLost } from '../errors.ts'
import type { Media } from '../media/media.ts'
import type { BlobStore, StagedFile } from '../storage/blob-store.ts'
import { createGauge } from '../storage/gauge.ts'
import { originalKey, uploadFolder } from '../storage/keys.ts'
import { cleanFilename } from './filenames.ts'
import type { QueueLimit } from './queue-limit.ts'
import type { QuotaService } from './quotas.ts'

/** A file on its way in. */
export interface IncomingFile {
  readonly filename: string | undefined
  readonly stream: Readable
}

/** A file that arrived whole, not yet anybody's. */
export interface ReceivedFile {
  readonly filename: string
  readonly staged: StagedFile
  /** What its owner may keep. */
  readonly limits: QuotaLimits
}

export interface ReceiverDeps {
  uploads: UploadStore
  blobs: BlobStore
  media: Media
  trash: TrashStore
  quotas: QuotaService
  queue: QueueLimit
  uploadMaxBytes: number
  /** Most uploads whose bytes wait for the disk or the database. */
  storingMaxUploads: number
}

/**
 * From and below. At the pace of a slow disk some hundred uploads are stored meanwhile; who was sent away together does
 * not come back together.
 */
const BUSY_FOR_SECONDS = [1, 5] as const

export type Receiver = ReturnType<typeof createReceiver>

/** Takes files in, in two steps, so that a request can still be refused after its bytes have arrived. */
export function createReceiver(deps: ReceiverDeps) {
  const { uploads, trash, quotas, queue, blobs, media, uploadMaxBytes, storingMaxUploads } = deps
  const waiting = createGauge()

  return {
    /**
     * Refuses a request whose files would only wait with all the others, before its body is read: nobody's slowness but
     * that of the disk and of the database counts. @throws AppError STORAGE_BUSY
     */
    assertOpen(): void {
      if (blobs.writing() + waiting.count() < storingMaxUploads) return
      throw new AppError('STORAGE_BUSY', { extra: { retry_after_seconds: randomInt(...BUSY_FOR_SECONDS) } })
    },

    /**
     * Streams a file to the disk. Throws UPLOAD_TOO_LARGE, UPLOAD_ABORTED, STORAGE_FULL, QUOTA_EXCEEDED, QUEUE_FULL; then
     * nothing is left of it.
     */
    async receive(userId: string, { filename, stream }: IncomingFile): Promise<ReceivedFile> {
      const { limits, worthReceiving } = await waiting.during(() => roomFor(userId))
      const maxBytes = Math.min(uploadMaxBytes, worthReceiving)
      try {
        return { filename: cleanFilename(filename), staged: await blobs.receive(stream, { maxBytes }), limits }
      } catch (thrown) {
        const isQuota = thrown instanceof AppError && thrown.code === 'UPLOAD_TOO_LARGE' && maxBytes < uploadMaxBytes
        throw isQuota ? new AppError('QUOTA_EXCEEDED', { cause: thrown }) : thrown
      }
    },

    discard: ({ staged }: ReceivedFile) => blobs.discard(staged),

    /**
     * Makes a received file an upload of the user: final name first, then the row, so that what is answered is kept.
     * The same bytes again give the existing upload, out of the trash if it is there. Throws UPLOAD_EMPTY,
     * UPLOAD_TYPE_UNSUPPORTED, UPLOAD_TRUNCATED, QUOTA_EXCEEDED.
     */
    accept: (userId: string, received: ReceivedFile, lane: 'interactive' | 'batch') =>
      waiting.during(() => accept(userId, received, lane)),
  }

  async function roomFor(userId: string) {
    await queue.take(userId)
    return quotas.room(userId)
  }

  async function accept(
    userId: string,
    { filename, staged, limits }: ReceivedFile,
    lane: 'interactive' | 'batch',
  ): Promise<{ row: UploadRow; created: boolean }> {
    let isMoved = false
    try {
      const [type, known] = await Promise.all([
        media.identify(staged.path, staged),
        uploads.findByHash(userId, staged.sha256),
      ])
      if (type.fileType === 'video' && !media.ffmpeg) throw new AppError('VIDEO_TOOL_MISSING')
      const kept = known && (await outOfTrash(known))
      if (kept) return { row: await withFile(kept, staged), created: false }
      const { sizeBytes: fileSize, sha256 } = staged
      const upload = { id: uuidv7(), userId, filename, ...type, fileSize, sha256, lane }
      await blobs.commit(staged, originalKey(upload))
      isMoved = true
      return await insertOrForget(upload, limits)
    } finally {
      if (!isMoved) await blobs.discard(staged)
    }
  }

  /** The database decides who is first; whoever is not takes its file away again. */
  async function insertOrForget(upload: NewUpload, limits: QuotaLimits): Promise<{ row: UploadRow; created: boolean }> {
    const forget = () => blobs.removeFolder(uploadFolder(upload))
    const result = await uploads.insert(upload, limits).catch(async (thrown: unknown) => {
      // When the answer was lost the row may be there all the same: then the file is left, for the row or for the sweep.
      if (!isConnectionLost(thrown)) await forget()
      throw thrown
    })
    if (result.created) return result
    await forget()
    return { row: (await outOfTrash(result.row)) ?? result.row, created: false }
  }

  /** Handing it over again says that it is wanted. Undefined when it was removed for good at this moment. */
  async function outOfTrash(known: UploadRow): Promise<UploadRow | undefined> {
    if (known.trashedAt === null) return known
    const [restored] = await trash.restore(known.userId, [known.id])
    return restored ?? uploads.find(known.userId, known.id)
  }

  /** "You have it already" must be true of the file too: one that was lost is put back. */
  async function withFile(known: UploadRow, staged: StagedFile): Promise<UploadRow> {
    if (!(await blobs.stat(originalKey(known)))) await blobs.commit(staged, originalKey(known))
    return known
  }
}
