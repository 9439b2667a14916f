import type { TrashStore } from '../db/trash.ts'
import { AppError } from '../errors.ts'
import type { PageQuery } from '../schemas/batches.ts'
import type { TrashList } from '../schemas/trash.ts'
import type { BulkResult, Upload } from '../schemas/uploads.ts'
import type { BlobStore } from '../storage/blob-store.ts'
import { uploadFolder } from '../storage/keys.ts'
import { toBulkResult } from './bulk-result.ts'
import { decodeCursor, encodeCursor, isExactly, isId, isMoment } from './cursor.ts'
import { toUpload } from './present.ts'
import type { UploadBell } from './uploads.ts'

export interface TrashServiceDeps {
  trash: TrashStore
  blobs: BlobStore
  bell: UploadBell
  /** How long what was deleted can be brought back; 0 deletes at once. */
  trashDays: number
}

const PAGE_DEFAULT = 50
const DAY_MS = 86_400_000
/** Rows removed by one statement: the embedded database has one session, which others wait for. */
const CHUNK = 200

export type TrashService = ReturnType<typeof createTrashService>

/** Deleting, in two steps: into the trash, and for good. */
export function createTrashService({ trash, blobs, bell, trashDays }: TrashServiceDeps) {
  /** Rows are gone already, whoever develops them is told, then the files: a crash in between leaves files for the sweep. */
  async function removeFiles(removed: readonly { id: string; userId: string }[]): Promise<void> {
    bell.uploadsDeleted(removed.map(({ id }) => id))
    const removals = await Promise.allSettled(removed.map((upload) => blobs.removeFolder(uploadFolder(upload))))
    const failed = removals.find((removal) => removal.status === 'rejected')
    if (failed) throw failed.reason
  }

  async function removeTrashed(before: Date, userId?: string): Promise<number> {
    let count = 0
    for (;;) {
      const removed = await trash.removeTrashed(before, CHUNK, userId)
      await removeFiles(removed)
      count += removed.length
      if (removed.length < CHUNK) return count
    }
  }

  return {
    /** Into the trash, or for good when there is none, or when `permanent`. */
    async remove(userId: string, ids: readonly string[], permanent: boolean): Promise<BulkResult> {
      if (trashDays > 0 && !permanent) {
        const trashed = await trash.trash(userId, ids)
        bell.uploadsDeleted(trashed)
        return toBulkResult(ids, trashed)
      }
      const removed = await trash.remove(userId, ids)
      await removeFiles(removed.map((id) => ({ id, userId })))
      return toBulkResult(ids, removed)
    },

    /** What was still being developed goes on. */
    async restore(userId: string, ids: readonly string[]): Promise<BulkResult> {
      const restored = await trash.restore(userId, ids)
      bell.uploadAccepted()
      return toBulkResult(
        ids,
        restored.map((row) => row.id),
      )
    },

    /** Throws UPLOAD_NOT_FOUND for one that is not in the trash. */
    async restoreOne(userId: string, id: string): Promise<Upload> {
      const [row] = await trash.restore(userId, [id])
      if (!row) throw new AppError('UPLOAD_NOT_FOUND')
      bell.uploadAccepted()
      return toUpload(row)
    },

    async list(userId: string, { limit = PAGE_DEFAULT, cursor }: PageQuery): Promise<TrashList> {
      const rows = await trash.list(userId, limit + 1, readPosition(cursor))
      const page = rows.slice(0, limit)
      const last = rows.length > limit ? page.at(-1) : undefined
      return {
        items: page.map((row) => ({
          upload: toUpload(row),
          trashed_at: row.trashedAt.toISOString(),
          expires_at: new Date(row.trashedAt.getTime() + trashDays * DAY_MS).toISOString(),
        })),
        next_cursor: last ? encodeCursor(['trash', last.sortValue, last.id]) : null,
      }
    },

    /** Removes everything in a user's trash for good; the number of uploads. */
    // Whatever the clock of the database says: nothing can have been put there tomorrow.
    empty: (userId: string) => removeTrashed(new Date(Date.now() + DAY_MS), userId),

    /** Removes what has been in anybody's trash for `trashDays`. */
    async removeExpired(): Promise<void> {
      await removeTrashed(new Date(Date.now() - trashDays * DAY_MS))
    },
  }
}

function readPosition(cursor: string | undefined) {
  if (cursor === undefined) return undefined
  const [, value = '', id = ''] = decodeCursor(cursor, [isExactly('trash'), isMoment, isId])
  return { value, id }
}
