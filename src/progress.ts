import type { Role } from './schemas/accounts.ts'
import type { BatchStatus } from './schemas/batches.ts'
import type { ModelsProgress } from './schemas/model-packs.ts'
import type { BatchProgress, UploadProgress } from './schemas/progress.ts'
import { PROGRESS_STAGES, type ProgressStage, type UploadStatus } from './schemas/uploads.ts'

/** Everything the outside can be told about work in the background. Rows are committed first, then told. */
export type ProgressEvent =
  | {
      readonly action: 'upload_progress' | 'upload_completed' | 'upload_failed'
      readonly userId: string
      readonly payload: UploadProgress
    }
  | { readonly action: 'batch_progress' | 'batch_completed'; readonly userId: string; readonly payload: BatchProgress }
  /** For administrators: it is about everybody's library. */
  | { readonly action: 'models_progress'; readonly payload: ModelsProgress }

const ADMINISTRATORS = 'administrators'

export type ProgressListener = (event: ProgressEvent) => void

/** Whose events are asked for: what is about a user goes to that user, what is about the server to administrators. */
export interface Audience {
  readonly userId: string
  readonly role: Role
}

/** Carries events to those who asked for them. In this process now; the seam for several processes. */
export interface ProgressBus {
  publish(event: ProgressEvent): void
  /** Returns the function that ends the subscription. */
  subscribe(audience: Audience, listener: ProgressListener): () => void
}

/** A final event says how something ended; it must reach its listeners, while progress may be overtaken. */
export function isFinal(event: ProgressEvent): boolean {
  return event.action === 'upload_completed' || event.action === 'upload_failed' || event.action === 'batch_completed'
}

/** @param onListenerError told when a listener throws: telling somebody must never break the work. */
export function createProgressBus(onListenerError: (thrown: unknown) => void): ProgressBus {
  /** By the id of a user, and those of all administrators by ADMINISTRATORS. */
  const listenersOf = new Map<string, Set<ProgressListener>>()

  function listen(topic: string, listener: ProgressListener): () => void {
    const listeners = listenersOf.get(topic) ?? new Set()
    listenersOf.set(topic, listeners.add(listener))
    return () => {
      listeners.delete(listener)
      if (listeners.size === 0 && listenersOf.get(topic) === listeners) listenersOf.delete(topic)
    }
  }

  return {
    publish(event) {
      for (const listener of listenersOf.get('userId' in event ? event.userId : ADMINISTRATORS) ?? []) {
        try {
          listener(event)
        } catch (thrown) {
          onListenerError(thrown)
        }
      }
    },
    subscribe({ userId, role }, listener) {
      const ends = [listen(userId, listener)]
      if (role === 'administrator') ends.push(listen(ADMINISTRATORS, listener))
      return () => {
        for (const end of ends) end()
      }
    },
  }
}

/** How far an upload is when it enters a stage, in percent, and what a person is told. */
const STAGES = {
  queued: { percent: 0, message: 'Waiting for its turn' },
  probing: { percent: 5, message: 'Reading the file' },
  thumbnail: { percent: 10, message: 'Making the thumbnail' },
  extracting_frames: { percent: 20, message: 'Taking frames out of the video' },
  vision_analysis: { percent: 30, message: 'Looking at it' },
  description_audit: { percent: 70, message: 'Checking the description' },
  embedding_generation: { percent: 75, message: 'Making it searchable by meaning' },
  indexing: { percent: 95, message: 'Adding it to the search' },
  completed: { percent: 100, message: 'Developed' },
  failed: { percent: 100, message: 'Could not be developed' },
} as const satisfies Record<ProgressStage, { percent: number; message: string }>

/** The columns of an upload that progress is told from. */
export interface UploadState {
  readonly id: string
  readonly filename: string
  readonly fileSize: number
  readonly status: UploadStatus
  readonly stage: ProgressStage
  readonly errorMessage: string | null
  readonly descriptionAuditScore: number | null
}

/** @param step how far within the stage, for stages that go frame by frame. */
export function toUploadProgress(
  upload: UploadState,
  batchId: string | null,
  step?: { readonly done: number; readonly of: number },
): UploadProgress {
  const { percent, message } = STAGES[upload.stage]
  const next = PROGRESS_STAGES[PROGRESS_STAGES.indexOf(upload.stage) + 1]
  const span = step && next ? ((STAGES[next].percent - percent) * step.done) / step.of : 0
  return {
    upload_id: upload.id,
    batch_id: batchId,
    file_name: upload.filename,
    file_size: upload.fileSize,
    status: upload.status,
    stage: upload.stage,
    progress_percent: Math.round(percent + span),
    message: step && step.of > 1 ? `${message}: ${step.done} of ${step.of}` : message,
    error_message: upload.errorMessage,
    description_audit_score: upload.descriptionAuditScore,
  }
}

/** The columns of a batch that progress is told from. */
export interface BatchState {
  readonly id: string
  readonly status: BatchStatus
  readonly total: number
  readonly duplicates: number
  readonly rejected: number
  readonly succeeded: number
  readonly failed: number
  readonly cancelled: number
  readonly deleted: number
  readonly workMs: number
}

/** Counts, percent and the seconds left, estimated from the mean time of the files developed so far. */
export function toBatchProgress(batch: BatchState): BatchProgress {
  const developed = batch.succeeded + batch.failed
  const processed = developed + batch.duplicates + batch.rejected + batch.cancelled + batch.deleted
  const waiting = batch.total - processed
  const running = batch.status === 'pending' || batch.status === 'processing'
  return {
    batch_id: batch.id,
    status: batch.status,
    total: batch.total,
    processed,
    succeeded: batch.succeeded,
    failed: batch.failed,
    progress_percent: batch.total === 0 ? 100 : Math.round((1000 * processed) / batch.total) / 10,
    eta_seconds: running && developed > 0 ? Math.ceil((batch.workMs / developed / 1000) * waiting) : null,
  }
}
