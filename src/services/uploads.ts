import type { StageRunRow, UploadPosition, UploadRow, UploadStore } from '../db/uploads.ts'
import { AppError } from '../errors.ts'
import type { BulkResult, StageRun, Upload, UploadListQuery, UploadMetadata, UploadSort } from '../schemas/uploads.ts'
import type { BlobStore } from '../storage/blob-store.ts'
import { uploadFolder } from '../storage/keys.ts'
import { decodeCursor, encodeCursor, isExactly, isId, isMoment, isSize, isText } from './cursor.ts'
import { parseMoment } from './moments.ts'
import { toStageRun, toUpload } from './present.ts'
import type { IncomingFile, ReceivedFile, Receiver } from './receiver.ts'

/** What the background wants to be told. The rows say it too; the bell only says it now. */
export interface UploadBell {
  uploadAccepted(): void
  uploadsDeleted(ids: readonly string[]): void
}

export interface UploadServiceDeps {
  uploads: UploadStore
  receiver: Receiver
  blobs: BlobStore
  bell: UploadBell
  /** The pipeline stage at which "regenerate the description" begins. */
  regenerateFrom: string
}

const PAGE_DEFAULT = 50

export type UploadService = ReturnType<typeof createUploadService>

export function createUploadService({ uploads, receiver, blobs, bell, regenerateFrom }: UploadServiceDeps) {
  async function get(userId: string, id: string): Promise<UploadRow> {
    const row = await uploads.find(userId, id)
    if (!row) throw new AppError('UPLOAD_NOT_FOUND')
    return row
  }

  /** The one file of a request. More than one, or none, refuses the request and leaves nothing behind. */
  async function receiveOne(files: AsyncIterable<IncomingFile>): Promise<ReceivedFile> {
    let received: ReceivedFile | undefined
    try {
      for await (const file of files) {
        if (received) throw new AppError('UPLOAD_SEVERAL_FILES')
        received = await receiver.receive(file)
      }
    } catch (thrown) {
      if (received) await receiver.discard(received)
      throw thrown
    }
    if (!received) throw new AppError('UPLOAD_NO_FILE')
    return received
  }

  return {
    /** Takes one file. When this resolves it is kept; `created` is false when the user had the same bytes already. */
    async receive(userId: string, files: AsyncIterable<IncomingFile>): Promise<{ upload: Upload; created: boolean }> {
      const received = await receiveOne(files)
      const { row, created } = await receiver.accept(userId, received, 'interactive')
      if (!created) await uploads.promote(userId, row.id)
      bell.uploadAccepted()
      return { upload: toUpload(row), created }
    },

    async get(userId: string, id: string): Promise<Upload> {
      return toUpload(await get(userId, id))
    },

    async list(userId: string, query: UploadListQuery): Promise<{ items: Upload[]; next_cursor: string | null }> {
      const { sort = '-created_at', limit = PAGE_DEFAULT, cursor } = query
      const filter = {
        fileType: query.file_type,
        status: query.processing_status,
        showHidden: query.show_hidden ?? false,
        from: parseMoment('date_from', query.date_from),
        to: parseMoment('date_to', query.date_to),
      }
      const rows = await uploads.list(userId, filter, sort, limit + 1, readPosition(sort, cursor))
      const page = rows.slice(0, limit)
      const last = rows.length > limit ? page.at(-1) : undefined
      return {
        items: page.map(toUpload),
        next_cursor: last ? encodeCursor([sort, last.sortValue, last.id]) : null,
      }
    },

    async metadata(userId: string, id: string): Promise<UploadMetadata> {
      const details = await uploads.findDetails(userId, id)
      if (!details) throw new AppError('UPLOAD_NOT_FOUND')
      const frames = details.frames.map(({ timeMs, description }) => ({ time_ms: Math.round(timeMs), description }))
      return { upload_id: id, metadata: details.metadata, objects: details.objects, frames }
    },

    async stages(userId: string, id: string): Promise<{ upload_id: string; items: StageRun[] }> {
      await get(userId, id)
      const runs: StageRunRow[] = await uploads.listStageRuns(userId, id)
      return { upload_id: id, items: runs.map(toStageRun) }
    },

    async setHidden(userId: string, id: string, hidden: boolean): Promise<Upload> {
      await uploads.setHidden(userId, [id], hidden)
      return toUpload(await get(userId, id))
    },

    async setHiddenMany(userId: string, ids: readonly string[], hidden: boolean): Promise<BulkResult> {
      return toBulkResult(ids, await uploads.setHidden(userId, ids, hidden))
    },

    /** Rows first, then whoever develops them is told, then the files: a crash in between leaves files for the sweep. */
    async removeMany(userId: string, ids: readonly string[]): Promise<BulkResult> {
      const removed = await uploads.remove(userId, ids)
      bell.uploadsDeleted(removed)
      const removals = await Promise.allSettled(removed.map((id) => blobs.removeFolder(uploadFolder({ id, userId }))))
      const failed = removals.find((removal) => removal.status === 'rejected')
      if (failed) throw failed.reason
      return toBulkResult(ids, removed)
    },

    async remove(userId: string, id: string): Promise<void> {
      const { changed } = await this.removeMany(userId, [id])
      if (changed.length === 0) throw new AppError('UPLOAD_NOT_FOUND')
    },

    /** Looks at a finished upload once more: vision, description, embeddings. */
    async regenerate(userId: string, id: string): Promise<Upload> {
      const restarted = await uploads.restart(userId, id, regenerateFrom)
      if (!restarted) {
        await get(userId, id)
        throw new AppError('UPLOAD_BUSY')
      }
      bell.uploadAccepted()
      return toUpload(restarted)
    },
  }
}

const SORT_VALUE: Record<UploadSort, (text: string) => boolean> = {
  created_at: isMoment,
  '-created_at': isMoment,
  taken_at: isMoment,
  '-taken_at': isMoment,
  file_size: isSize,
  '-file_size': isSize,
  filename: isText,
  '-filename': isText,
}

/** A cursor goes on only in the order that gave it out. */
function readPosition(sort: UploadSort, cursor: string | undefined): UploadPosition | undefined {
  if (cursor === undefined) return undefined
  const [, value = '', id = ''] = decodeCursor(cursor, [isExactly(sort), SORT_VALUE[sort], isId])
  return { value, id }
}

function toBulkResult(asked: readonly string[], changed: readonly string[]): BulkResult {
  const done = new Set(changed)
  return { changed: [...done], not_found: [...new Set(asked)].filter((id) => !done.has(id)) }
}
