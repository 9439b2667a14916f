import type { UploadStore } from '../db/uploads.ts'
import { AppError } from '../errors.ts'

export interface QueueLimitDeps {
  uploads: UploadStore
  /** Most uploads of one user that wait or run. */
  maxUploads: number
}

/** How long a full queue is believed to be full: counting it for every refusal would be work for the asking. Not by the
 * clock, which may be set back. */
const FULL_FOR_MS = 10_000

export type QueueLimit = ReturnType<typeof createQueueLimit>

/**
 * Keeps one user from filling the queue. Counting is bounded but not free, so a count gives credit: as many uploads may
 * follow as there was room for, whatever became of them, and only then it is counted again.
 */
export function createQueueLimit({ uploads, maxUploads }: QueueLimitDeps) {
  const credit = new Map<string, number>()
  const fullUntil = new Map<string, number>()

  async function count(userId: string): Promise<number> {
    if ((fullUntil.get(userId) ?? 0) > performance.now()) return 0
    fullUntil.delete(userId)
    return maxUploads - (await uploads.countUnfinished(userId, maxUploads))
  }

  return {
    /** Makes room for `count` uploads that will wait. @throws AppError QUEUE_FULL */
    async take(userId: string, uploadCount = 1): Promise<void> {
      if ((credit.get(userId) ?? 0) < uploadCount) credit.set(userId, await count(userId))
      const left = (credit.get(userId) ?? 0) - uploadCount
      if (left >= 0) {
        credit.set(userId, left)
        return
      }
      credit.delete(userId)
      if (left + uploadCount <= 0 && !fullUntil.has(userId)) fullUntil.set(userId, performance.now() + FULL_FOR_MS)
      throw new AppError('QUEUE_FULL', {
        extra: { retry_after_seconds: Math.ceil(FULL_FOR_MS / 1000), queue_max_uploads: maxUploads },
      })
    },
  }
}
