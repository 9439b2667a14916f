import type { BatchStore } from '../db/batches.ts'
import type { UploadRow, UploadStore } from '../db/uploads.ts'
import { AppError } from '../errors.ts'
import { toBatchProgress, toUploadProgress } from '../progress.ts'
import type { BatchProgress, UploadProgress } from '../schemas/progress.ts'
import { parseMoment } from './moments.ts'

export interface Snapshot {
  readonly uploads: readonly UploadProgress[]
  readonly batches: readonly BatchProgress[]
}

/** Uploads in one message: a batch of 100,000 arrives as many messages and is never whole in memory. */
const PAGE = 200

/** Batches of one user that a snapshot names, open and ended. More than that at once is not a person's work. */
const BATCHES_MAX = 100

export type SnapshotService = ReturnType<typeof createSnapshotService>

/** How things stand, read from the rows: what a client that connects, or connects again, is told first. */
export function createSnapshotService({ uploads, batches }: { uploads: UploadStore; batches: BatchStore }) {
  async function describe(rows: readonly UploadRow[]): Promise<UploadProgress[]> {
    if (rows.length === 0) return []
    const batchOf = await batches.findBatchesOf(rows.map((row) => row.id))
    return rows.map((row) => toUploadProgress(row, batchOf.get(row.id) ?? null))
  }

  async function* paged(load: (afterId?: string) => Promise<UploadRow[]>): AsyncGenerator<Snapshot> {
    let afterId: string | undefined
    for (;;) {
      const rows = await load(afterId)
      if (rows.length > 0) yield { uploads: await describe(rows), batches: [] }
      if (rows.length < PAGE) return
      afterId = rows.at(-1)?.id
    }
  }

  return {
    /** Throws UPLOAD_NOT_FOUND. */
    async upload(userId: string, id: string): Promise<Snapshot> {
      const row = await uploads.find(userId, id)
      if (!row) throw new AppError('UPLOAD_NOT_FOUND')
      return { uploads: await describe([row]), batches: [] }
    },

    /** The batch, then its uploads page by page. Throws BATCH_NOT_FOUND before the first page. */
    async *batch(userId: string, id: string): AsyncGenerator<Snapshot> {
      const row = await batches.find(userId, id)
      if (!row) throw new AppError('BATCH_NOT_FOUND')
      yield { uploads: [], batches: [toBatchProgress(row)] }
      let after: number | undefined
      for (;;) {
        const items = await batches.listItems(id, PAGE, after)
        const ids = items.flatMap((item) => (item.uploadId === null ? [] : [item.uploadId]))
        const rows = ids.length === 0 ? [] : await uploads.findMany(userId, ids)
        if (rows.length > 0) yield { uploads: rows.map((upload) => toUploadProgress(upload, id)), batches: [] }
        if (items.length < PAGE) return
        after = items.at(-1)?.position
      }
    },

    /** Open batches and unfinished uploads; with `since`, also what was finished from then on. Throws VALIDATION_FAILED. */
    async *all(userId: string, since?: string): AsyncGenerator<Snapshot> {
      const from = parseMoment('since', since)
      const open = await batches.listOpen(userId, BATCHES_MAX)
      const ended = from ? await batches.listFinishedSince(userId, from, BATCHES_MAX) : []
      yield { uploads: [], batches: [...open, ...ended].map(toBatchProgress) }
      yield* paged((afterId) => uploads.listUnfinished(userId, PAGE, afterId))
      if (from) yield* paged((afterId) => uploads.listFinishedSince(userId, from, PAGE, afterId))
    },
  }
}
