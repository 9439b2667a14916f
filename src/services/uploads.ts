import type { StageRunRow, UploadRow, UploadStore } from '../db/uploads.ts'
import { AppError } from '../errors.ts'
import type { BulkResult, StageRun, Upload, UploadMetadata } from '../schemas/uploads.ts'
import { toBulkResult } from './bulk-result.ts'
import { toStageRun, toUpload } from './present.ts'
import type { QueueLimit } from './queue-limit.ts'
import type { IncomingFile, ReceivedFile, Receiver } from './receiver.ts'

/** What the background wants to be told. The rows say it too; the bell only says it now. */
export interface UploadBell {
  uploadAccepted(): void
  uploadsDeleted(ids: readonly string[]): void
}

export interface UploadServiceDeps {
  uploads: UploadStore
  receiver: Receiver
  queue: QueueLimit
  bell: UploadBell
  /** The pipeline stage at which "regenerate the description" begins. */
  regenerateFrom: string
}

export type UploadService = ReturnType<typeof createUploadService>

export function createUploadService({ uploads, receiver, queue, bell, regenerateFrom }: UploadServiceDeps) {
  async function get(userId: string, id: string): Promise<UploadRow> {
    const row = await uploads.find(userId, id)
    if (!row) throw new AppError('UPLOAD_NOT_FOUND')
    return row
  }

  /** The one file of a request. More than one, or none, refuses the request and leaves nothing behind. */
  async function receiveOne(userId: string, files: AsyncIterable<IncomingFile>): Promise<ReceivedFile> {
    let received: ReceivedFile | undefined
    try {
      for await (const file of files) {
        if (received) throw new AppError('UPLOAD_SEVERAL_FILES')
        received = await receiver.receive(userId, file)
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
      receiver.assertOpen()
      const received = await receiveOne(userId, files)
      const { row, created } = await receiver.accept(userId, received, 'interactive')
      if (!created) await uploads.promote(userId, row.id)
      bell.uploadAccepted()
      return { upload: toUpload(row), created }
    },

    async get(userId: string, id: string): Promise<Upload> {
      return toUpload(await get(userId, id))
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

    async setHiddenMany(userId: string, ids: readonly string[], hidden: boolean): Promise<BulkResult> {
      return toBulkResult(ids, await uploads.setHidden(userId, ids, hidden))
    },

    /** Looks at a finished upload once more: vision, description, embeddings. */
    async regenerate(userId: string, id: string): Promise<Upload> {
      await queue.take(userId)
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
