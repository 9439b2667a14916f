import type { BatchStatus, Outcome, Verdict } from '../schemas/batches.ts'
import type { UploadStatus } from '../schemas/uploads.ts'
import type { Sql } from './client.ts'

export interface BatchRow {
  id: string
  userId: string
  status: BatchStatus
  createdAt: Date
  startedAt: Date | null
  finishedAt: Date | null
  total: number
  duplicates: number
  rejected: number
  succeeded: number
  failed: number
  cancelled: number
  deleted: number
  workMs: number
}

export interface BatchItemRow {
  position: number
  filename: string
  verdict: Verdict
  errorCode: string | null
  errorMessage: string | null
  uploadId: string | null
  uploadStatus: UploadStatus | null
  outcome: Outcome | null
}

export interface NewBatchItem {
  filename: string
  verdict: Verdict
  uploadId?: string | undefined
  errorCode?: string | undefined
  errorMessage?: string | undefined
  redo?: boolean | undefined
}

/** An item whose turn has come. `uploadId` is null when its owner deleted the upload, or put it into the trash. */
export interface WaitingItem {
  position: number
  uploadId: string | null
  redo: boolean
}

/** Rows changed by one statement when a whole batch changes: keeps every statement short on the one embedded session. */
const CHUNK = 1000

export type BatchStore = ReturnType<typeof createBatchStore>

export function createBatchStore(sql: Sql) {
  const columns = sql`b.id, b.user_id, b.status, b.created_at, b.started_at, b.finished_at, b.total, b.duplicates,
    b.rejected, b.succeeded, b.failed, b.cancelled, b.deleted, b.work_ms`

  return {
    async create(id: string, userId: string): Promise<void> {
      await sql`insert into batches (id, user_id) values (${id}, ${userId})`
    },

    /** Adds items at the end, in order. */
    async addItems(batchId: string, items: readonly NewBatchItem[]): Promise<void> {
      for (let start = 0; start < items.length; start += CHUNK) {
        const chunk = items.slice(start, start + CHUNK)
        const count = (verdict: Verdict) => chunk.filter((item) => item.verdict === verdict).length
        await sql.begin(async (tx) => {
          const [batch] = await tx<{ total: number }[]>`
            update batches set total = total + ${chunk.length}, duplicates = duplicates + ${count('duplicate')},
              rejected = rejected + ${count('rejected')}
            where id = ${batchId} returning total`
          const first = (batch?.total ?? 0) - chunk.length
          // An upload may have been deleted since it was accepted. Locked, so that it cannot be deleted just now.
          const ids = chunk.flatMap((item) => item.uploadId ?? [])
          const there = await tx<{ id: string }[]>`select id from uploads where id = any(${ids}::uuid[]) for key share`
          const existing = new Set(there.map((row) => row.id))
          const rows = chunk.map((item, index) => ({
            batchId,
            position: first + index,
            filename: item.filename,
            verdict: item.verdict,
            uploadId: item.uploadId !== undefined && existing.has(item.uploadId) ? item.uploadId : null,
            errorCode: item.errorCode ?? null,
            errorMessage: item.errorMessage ?? null,
            redo: item.redo ?? false,
          }))
          await tx`insert into batch_items ${tx(rows)}`
        })
      }
    },

    /** Nothing more will arrive: the batch may be processed. A batch in which nothing arrived is forgotten. */
    async seal(id: string): Promise<BatchRow | undefined> {
      await sql`delete from batches where id = ${id} and total = 0`
      const [row] = await sql<BatchRow[]>`
        update batches b set sealed_at = now() where id = ${id} and sealed_at is null returning ${columns}`
      return row
    },

    async find(userId: string, id: string): Promise<BatchRow | undefined> {
      const [row] = await sql<BatchRow[]>`select ${columns} from batches b where b.user_id = ${userId} and b.id = ${id}`
      return row
    },

    async list(userId: string, status: BatchStatus | undefined, limit: number, beforeId?: string): Promise<BatchRow[]> {
      return sql<BatchRow[]>`
        select ${columns} from batches b
        where b.user_id = ${userId} ${status ? sql`and b.status = ${status}` : sql``}
          ${beforeId ? sql`and b.id < ${beforeId}` : sql``}
        order by b.id desc limit ${limit}`
    },

    async listOpen(userId: string, limit: number): Promise<BatchRow[]> {
      return sql<BatchRow[]>`
        select ${columns} from batches b
        where b.user_id = ${userId} and b.status in ('pending', 'processing') order by b.id limit ${limit}`
    },

    /** Those that ended from a moment on, the last one first. */
    async listFinishedSince(userId: string, since: Date, limit: number): Promise<BatchRow[]> {
      return sql<BatchRow[]>`
        select ${columns} from batches b
        where b.user_id = ${userId} and b.finished_at >= ${since} order by b.finished_at desc limit ${limit}`
    },

    async listItems(batchId: string, limit: number, afterPosition = -1): Promise<BatchItemRow[]> {
      return sql<BatchItemRow[]>`
        select i.position, i.filename, i.verdict, i.error_code, i.error_message, u.id as upload_id,
          u.status as upload_status, i.outcome
        from batch_items i left join uploads u on u.id = i.upload_id and u.trashed_at is null
        where i.batch_id = ${batchId} and i.position > ${afterPosition}
        order by i.position limit ${limit}`
    },

    /** The newest batch that each of the uploads was part of, by upload id. */
    async findBatchesOf(uploadIds: readonly string[]): Promise<Map<string, string>> {
      const rows = await sql<{ uploadId: string; batchId: string }[]>`
        select upload_id, max(batch_id::text)::uuid as batch_id from batch_items
        where upload_id = any(${uploadIds as string[]}::uuid[]) group by upload_id`
      return new Map(rows.map((row) => [row.uploadId, row.batchId]))
    },

    /** The batch whose turn it is: one that was begun, or else the one that has waited longest. Marks it begun. */
    async claimNext(): Promise<BatchRow | undefined> {
      const [row] = await sql<BatchRow[]>`
        update batches b set status = 'processing', started_at = coalesce(b.started_at, now())
        where b.id = (
          select id from batches where status in ('pending', 'processing') and sealed_at is not null
          order by status = 'processing' desc, sealed_at, id for update skip locked limit 1)
        returning ${columns}`
      return row
    },

    /** The next item to develop, in order, as long as the batch goes on. */
    async nextItem(batchId: string): Promise<WaitingItem | undefined> {
      const [row] = await sql<WaitingItem[]>`
        select i.position, u.id as upload_id, i.redo from batch_items i join batches b on b.id = i.batch_id
          left join uploads u on u.id = i.upload_id and u.trashed_at is null
        where i.batch_id = ${batchId} and b.status = 'processing' and i.verdict = 'accepted' and i.outcome is null
        order by i.position limit 1`
      return row
    },

    /** Keeps what became of an item and the time it took. */
    async recordOutcome(
      batchId: string,
      position: number,
      outcome: Outcome,
      workMs: number,
    ): Promise<BatchRow | undefined> {
      // Everything that changes a batch and its items locks the batch first: the other order would deadlock.
      const [row] = await sql<BatchRow[]>`
        with locked as (select id from batches where id = ${batchId} for update), changed as (
          update batch_items i set outcome = ${outcome}, redo = false from locked
          where i.batch_id = locked.id and i.position = ${position} and i.outcome is null returning i.batch_id)
        update batches b set work_ms = work_ms + ${Math.round(workMs)}, ${sql(outcome)} = b.${sql(outcome)} + 1
        from changed where b.id = changed.batch_id returning ${columns}`
      return row
    },

    /** Ends a batch in which nothing waits any more. Undefined when it was cancelled, or got new work. */
    async complete(id: string): Promise<BatchRow | undefined> {
      const [row] = await sql<BatchRow[]>`
        update batches b set status = 'completed', finished_at = now()
        where id = ${id} and status = 'processing' and not exists (
          select 1 from batch_items i where i.batch_id = b.id and i.verdict = 'accepted' and i.outcome is null)
        returning ${columns}`
      return row
    },

    /** Stops an open batch: no further file of it is begun. Undefined when it is not the user's or already over. */
    async cancel(userId: string, id: string): Promise<{ was: BatchStatus } | undefined> {
      const [row] = await sql<{ was: BatchStatus }[]>`
        with open as (
          select id, status from batches
          where user_id = ${userId} and id = ${id} and status in ('pending', 'processing') and sealed_at is not null
          for update)
        update batches b set status = 'cancelled', finished_at = now()
        from open where b.id = open.id returning open.status as was`
      return row
    },

    /**
     * Settles what still waits in a cancelled batch: the items are cancelled, and uploads that were never developed
     * are failed, so that nothing waits for ever. The file being developed right now is left to finish.
     */
    async settleCancelled(id: string): Promise<void> {
      for (;;) {
        const settled = await sql.begin(async (tx) => {
          // Locked, because a retry may open the batch again at the same moment: then nothing is to be settled.
          const cancelled = await tx`select id from batches where id = ${id} and status = 'cancelled' for update`
          if (cancelled.length === 0) return 0
          const items = await tx<{ uploadId: string | null; outcome: Outcome }[]>`
            update batch_items i set outcome = case
              when waiting.upload_id is null then 'deleted'
              when waiting.status = 'completed' and not i.redo then 'succeeded'
              else 'cancelled' end
            from (
              select w.position, u.id as upload_id, u.status from batch_items w
                left join uploads u on u.id = w.upload_id and u.trashed_at is null
              where w.batch_id = ${id} and w.verdict = 'accepted' and w.outcome is null
                and coalesce(u.status, 'pending') not in ('analyzing', 'embedding')
              order by w.position limit ${CHUNK}) as waiting
            where i.batch_id = ${id} and i.position = waiting.position
            returning i.upload_id, i.outcome`
          const uploadIds = items.flatMap(({ uploadId, outcome }) => (outcome === 'cancelled' ? (uploadId ?? []) : []))
          const count = (outcome: Outcome) => items.filter((item) => item.outcome === outcome).length
          await tx`
            update uploads set status = 'failed', stage = 'failed', error_code = 'PROCESSING_CANCELLED',
              error_message = 'The batch was cancelled before this file was developed.', processed_at = now(), updated_at = now()
            where id = any(${uploadIds}::uuid[]) and status = 'pending' and lane = 'batch' and description is null`
          // One that had a description before, and was begun again, is finished on its own: it must not be lost to search.
          await tx`
            update uploads set lane = 'interactive'
            where id = any(${uploadIds}::uuid[]) and status = 'pending' and lane = 'batch'`
          await tx`
            update batches set cancelled = cancelled + ${count('cancelled')}, deleted = deleted + ${count('deleted')},
              succeeded = succeeded + ${count('succeeded')}
            where id = ${id}`
          return items.length
        })
        if (settled < CHUNK) return
      }
    },

    /** Puts what failed or was cancelled back in line, in chunks; the batch itself stays closed until `reopen`. */
    async requeueFailed(id: string): Promise<void> {
      for (;;) {
        const requeued = await sql.begin(async (tx) => {
          await tx`select id from batches where id = ${id} for update`
          const items = await tx<{ was: Outcome }[]>`
            update batch_items i set outcome = null, redo = true
            from (
              select f.position, f.outcome from batch_items f
              where f.batch_id = ${id} and f.outcome in ('failed', 'cancelled') and f.upload_id is not null
              order by f.position limit ${CHUNK}) as failed
            where i.batch_id = ${id} and i.position = failed.position
            returning failed.outcome as was`
          const cancelled = items.filter((item) => item.was === 'cancelled').length
          await tx`
            update batches set cancelled = cancelled - ${cancelled}, failed = failed - ${items.length - cancelled}
            where id = ${id}`
          return items.length
        })
        if (requeued < CHUNK) return
      }
    },

    /** Puts a finished batch with waiting items at the end of the line. Undefined when nothing waits in it. */
    async reopen(userId: string, id: string): Promise<BatchRow | undefined> {
      const [row] = await sql<BatchRow[]>`
        update batches b set status = 'pending', sealed_at = now(), finished_at = null
        where user_id = ${userId} and id = ${id} and status in ('completed', 'cancelled') and exists (
          select 1 from batch_items i where i.batch_id = b.id and i.verdict = 'accepted' and i.outcome is null)
        returning ${columns}`
      return row
    },

    /** Before anything can arrive: what had arrived of hand-overs that the last process began is processed. */
    async sealInterrupted(): Promise<void> {
      await sql`delete from batches where sealed_at is null and total = 0`
      await sql`update batches set sealed_at = now() where sealed_at is null`
    },

    /** Finishes cancels that were interrupted, or that had to leave a file which was just being developed. */
    async settleAllCancelled(): Promise<void> {
      const unsettled = await sql<{ id: string }[]>`
        select b.id from batches b where b.status = 'cancelled' and exists (
          select 1 from batch_items i where i.batch_id = b.id and i.verdict = 'accepted' and i.outcome is null)`
      for (const { id } of unsettled) await this.settleCancelled(id)
    },
  }
}
