import { setTimeout as delay } from 'node:timers/promises'
import { v7 as uuidv7 } from 'uuid'
import type { BatchRow, BatchStore, NewBatchItem } from '../db/batches.ts'
import type { UploadStore } from '../db/uploads.ts'
import { AppError, ERRORS, isConnectionLost } from '../errors.ts'
import { type ProgressBus, toBatchProgress, toUploadProgress } from '../progress.ts'
import type { Batch, BatchDetail, BatchListQuery, PageQuery } from '../schemas/batches.ts'
import { decodeCursor, encodeCursor, isId, isPosition } from './cursor.ts'
import { cleanFilename } from './filenames.ts'
import { toBatch, toBatchItem } from './present.ts'
import type { QueueLimit } from './queue-limit.ts'
import type { IncomingFile, Receiver } from './receiver.ts'

export interface BatchBell {
  batchAccepted(): void
}

export interface BatchServiceDeps {
  batches: BatchStore
  uploads: UploadStore
  receiver: Receiver
  queue: QueueLimit
  bus: ProgressBus
  bell: BatchBell
  batchMaxFiles: number
}

const PAGE_DEFAULT = 50

const SEAL_TRIES = 10
const SEAL_PAUSE_MS = 1000

/** Per-file results in the answer to a hand-over; the rest is paged. Some 250 kB of JSON. */
const RESULTS_IN_ANSWER = 1000

/** Errors that speak of one file; anything else (the connection, the disk, the database) ends the hand-over. */
const ONE_FILE_STATUSES = new Set([400, 413, 415, 422])
const WHOLE_REQUEST_CODES = new Set(['UPLOAD_ABORTED', 'UPLOAD_MULTIPART_BROKEN', 'BATCH_TOO_MANY_FILES'])

export type BatchService = ReturnType<typeof createBatchService>

export function createBatchService(deps: BatchServiceDeps) {
  const { batches, uploads, receiver, queue, bus, bell, batchMaxFiles } = deps

  async function get(userId: string, id: string): Promise<BatchRow> {
    const row = await batches.find(userId, id)
    if (!row) throw new AppError('BATCH_NOT_FOUND')
    return row
  }

  /** One bad file never refuses the others: what is wrong with it becomes its result. */
  async function takeFile(userId: string, batchId: string, file: IncomingFile): Promise<void> {
    const filename = cleanFilename(file.filename)
    try {
      const received = await receiver.receive(userId, file)
      const { row, created } = await receiver.accept(userId, received, 'batch')
      await batches.addItems(batchId, [{ filename, verdict: created ? 'accepted' : 'duplicate', uploadId: row.id }])
      // The request answers when its last file is kept, and not at all when it breaks off.
      if (created) bus.publish({ action: 'upload_progress', userId, payload: toUploadProgress(row, batchId) })
    } catch (thrown) {
      if (!(thrown instanceof AppError) || !isAboutOneFile(thrown)) throw thrown
      const { code: errorCode, message: errorMessage } = thrown
      await batches.addItems(batchId, [{ filename, verdict: 'rejected', errorCode, errorMessage }])
    }
  }

  async function takeFiles(userId: string, id: string, files: AsyncIterable<IncomingFile>): Promise<void> {
    let count = 0
    for await (const file of files) {
      if (++count > batchMaxFiles)
        throw new AppError('BATCH_TOO_MANY_FILES', { extra: { batch_max_files: batchMaxFiles } })
      await takeFile(userId, id, file)
    }
    if (count === 0) throw new AppError('UPLOAD_NO_FILE')
  }

  /** A batch that is not sealed is never processed, so a database that is away for a moment is waited for. */
  async function seal(id: string, tries = SEAL_TRIES): Promise<void> {
    try {
      if (await batches.seal(id)) bell.batchAccepted()
    } catch (thrown) {
      if (!isConnectionLost(thrown) || tries <= 1) throw thrown
      await delay(SEAL_PAUSE_MS)
      await seal(id, tries - 1)
    }
  }

  async function detail(row: BatchRow, limit: number, after?: number): Promise<BatchDetail> {
    const items = await batches.listItems(row.id, limit + 1, after)
    const page = items.slice(0, limit)
    const last = items.length > limit ? page.at(-1) : undefined
    return {
      batch: toBatch(row),
      items: page.map(toBatchItem),
      next_cursor: last ? encodeCursor([last.position]) : null,
    }
  }

  return {
    /**
     * Takes many files, one after another. When the body breaks off, what had arrived whole is kept and developed:
     * handing the rest over again gives `duplicate` for it.
     */
    async receive(userId: string, files: AsyncIterable<IncomingFile>): Promise<BatchDetail> {
      receiver.assertOpen()
      const id = uuidv7()
      await batches.create(id, userId)
      try {
        await takeFiles(userId, id, files)
      } finally {
        await seal(id)
      }
      return detail(await get(userId, id), RESULTS_IN_ANSWER)
    },

    /** Develops existing uploads again, from the start. Those that wait or run anyway are `duplicate`. */
    async createFromUploads(userId: string, uploadIds: readonly string[]): Promise<BatchDetail> {
      const ids = [...new Set(uploadIds)]
      const rows = new Map((await uploads.findMany(userId, ids)).map((row) => [row.id, row]))
      const items = ids.map((id): NewBatchItem => {
        const row = rows.get(id)
        if (!row) return unknownUpload(id)
        const finished = row.status === 'completed' || row.status === 'failed'
        return { filename: row.filename, verdict: finished ? 'accepted' : 'duplicate', uploadId: id, redo: finished }
      })
      await queue.take(userId, items.filter(({ redo }) => redo).length)
      const batchId = uuidv7()
      await batches.create(batchId, userId)
      try {
        await batches.addItems(batchId, items)
      } finally {
        await seal(batchId)
      }
      return detail(await get(userId, batchId), RESULTS_IN_ANSWER)
    },

    async list(userId: string, query: BatchListQuery): Promise<{ items: Batch[]; next_cursor: string | null }> {
      const { status, limit = PAGE_DEFAULT, cursor } = query
      const [beforeId] = cursor === undefined ? [] : decodeCursor(cursor, [isId])
      const rows = await batches.list(userId, status, limit + 1, beforeId)
      const page = rows.slice(0, limit)
      const last = rows.length > limit ? page.at(-1) : undefined
      return { items: page.map(toBatch), next_cursor: last ? encodeCursor([last.id]) : null }
    },

    async get(userId: string, id: string, { limit = PAGE_DEFAULT, cursor }: PageQuery): Promise<BatchDetail> {
      const [after] = cursor === undefined ? [] : decodeCursor(cursor, [isPosition])
      return detail(await get(userId, id), limit, after === undefined ? undefined : Number(after))
    },

    /** Stops a batch after its current file. What was not developed can be retried. */
    async cancel(userId: string, id: string): Promise<Batch> {
      const cancelled = await batches.cancel(userId, id)
      if (!cancelled) {
        const { status } = await get(userId, id)
        throw new AppError(status === 'pending' ? 'BATCH_ARRIVING' : 'BATCH_FINISHED')
      }
      await batches.settleCancelled(id)
      const row = await get(userId, id)
      // A batch that was running says its last word itself, when its current file is done.
      if (cancelled.was === 'pending') bus.publish({ action: 'batch_completed', userId, payload: toBatchProgress(row) })
      return toBatch(row)
    },

    /** Runs what failed or was cancelled again. */
    async retry(userId: string, id: string): Promise<Batch> {
      const { status, failed, cancelled } = await get(userId, id)
      if (status === 'pending' || status === 'processing') throw new AppError('BATCH_STILL_RUNNING')
      await queue.take(userId, failed + cancelled)
      await batches.requeueFailed(id)
      const row = await batches.reopen(userId, id)
      if (!row) throw new AppError('BATCH_NOTHING_TO_RETRY')
      bell.batchAccepted()
      return toBatch(row)
    },
  }
}

function isAboutOneFile({ code, status }: AppError): boolean {
  return code === 'QUOTA_EXCEEDED' || (ONE_FILE_STATUSES.has(status) && !WHOLE_REQUEST_CODES.has(code))
}

function unknownUpload(id: string): NewBatchItem {
  const { sentence } = ERRORS.UPLOAD_NOT_FOUND
  return { filename: id, verdict: 'rejected', errorCode: 'UPLOAD_NOT_FOUND', errorMessage: sentence }
}
