import type { Logger } from 'pino'
import type { ClaimedUpload, ProcessingStore, StageRecord, UploadChanges } from '../db/processing.ts'
import type { NewVectors } from '../db/vectors.ts'
import { AppError, isConnectionLost, isDiskFull, toError } from '../errors.ts'
import type { Priority } from '../models/pack.ts'
import type { OpenPacks, PackHost } from '../models/pack-host.ts'
import { type ProgressBus, toUploadProgress } from '../progress.ts'
import type { ProgressStage } from '../schemas/uploads.ts'
import { uploadFolder } from '../storage/keys.ts'
import { createAttempt } from './attempt.ts'
import type { Attempt, Stage, StageResult, StageTools } from './stage.ts'
import { analyze } from './stages/analyze.ts'
import { embed } from './stages/embed.ts'
import { indexWords } from './stages/index-words.ts'
import { probe } from './stages/probe.ts'
import { thumbnail } from './stages/thumbnail.ts'

/** How an upload is developed, in this order. An attempt begins at the upload's `nextStage`. */
const PIPELINE: readonly Stage[] = [probe, thumbnail, analyze, embed, indexWords]

/** The stages that "regenerate the description" runs again. */
export const REGENERATE_FROM = analyze.name

/** Why an attempt was told to stop. */
export type StopReason = 'deleted' | 'stopping'

/**
 * How an attempt ended. `retry`: it waits for another attempt, because it failed or its description was edited.
 * `gone`: the upload was deleted or put into the trash.
 * `released`: the program stops; the attempt does not count.
 */
export type AttemptResult = 'completed' | 'failed' | 'retry' | 'gone' | 'released'

export interface PipelineDeps extends Pick<StageTools, 'media' | 'blobs'> {
  packs: PackHost
  processing: ProcessingStore
  bus: ProgressBus
  log: Logger
}

export interface DevelopOptions {
  priority: Priority
  batchId: string | null
  /** Aborted with a StopReason. */
  signal: AbortSignal
}

/** The column takes 200 characters; the sentence is for the owner, the whole story is in the log. */
const ERROR_MESSAGE_MAX = 200

/**
 * Develops claimed uploads. Throws only when the database cannot be reached or there is no room left; the rows then say
 * where to resume.
 */
export function createPipeline({ processing, packs, bus, log, ...tools }: PipelineDeps) {
  return function develop(upload: ClaimedUpload, options: DevelopOptions): Promise<AttemptResult> {
    return packs.use((open) => developWith(open, upload, options))
  }

  async function developWith(
    { active, next }: OpenPacks,
    upload: ClaimedUpload,
    { signal, priority, batchId }: DevelopOptions,
  ): Promise<AttemptResult> {
    const report = (stage: ProgressStage, step?: { readonly done: number; readonly of: number }) => {
      Object.assign(upload, { stage })
      bus.publish({
        action: 'upload_progress',
        userId: upload.userId,
        payload: toUploadProgress(upload, batchId, step),
      })
    }
    // The pack to which the library moves has the say already; by the other one uploads are found until it is there.
    const used = { models: next ?? active, alsoEmbedWith: next ? [active] : [] }
    const attempt = createAttempt({ ...tools, ...used }, { upload, priority, signal, report })
    const stopRequested = stopping(signal)

    const first = PIPELINE.findIndex((stage) => stage.name === upload.nextStage)
    for (const [index, stage] of PIPELINE.entries()) {
      if (index < first) continue
      // Every later stage is entered by the statement that ends the one before.
      const isThere = index > first || signal.aborted || (await processing.enterStage(upload.id, stage))
      const result = isThere ? await walk(attempt, stage, PIPELINE[index + 1], stopRequested) : 'gone'
      if (result === 'next') continue
      if (result === 'gone') await forget(upload)
      else announce(upload, batchId, result)
      return result
    }
    throw new Error('The last stage of the pipeline must complete the upload.')
  }

  /** Runs one stage and keeps what came of it. */
  async function walk(
    attempt: Attempt,
    stage: Stage,
    next: Stage | undefined,
    stopRequested: Promise<'stopping'>,
  ): Promise<AttemptResult | 'next'> {
    const { upload, signal } = attempt
    if (signal.aborted) return stopped(upload.id, signal)
    upload.status = stage.status
    attempt.report(stage.shows)

    const begun = { stage: stage.name, attempt: upload.attempts, startedAt: new Date() }
    const startedMs = performance.now()
    const run = stage.run(attempt).catch((thrown: unknown) => ({ outcome: 'failed' as const, thrown }))
    // When the program stops, what cannot be interrupted is not waited for: its result would be thrown away.
    const result = await Promise.race([run, stopRequested])
    const timed = { ...begun, durationMs: performance.now() - startedMs }

    if (signal.aborted || result === 'stopping') return stopped(upload.id, signal)
    if (result.outcome === 'failed' && isOutOfRoom(result.thrown)) throw result.thrown
    if (result.outcome === 'failed')
      return failed(upload, stage, { ...timed, ...toFailure(result.thrown) }, next, result.thrown)
    try {
      return await kept(upload, { ...timed, ...toRecord(result) }, next, result)
    } catch (thrown) {
      if (isConnectionLost(thrown) || isOutOfRoom(thrown)) throw thrown
      // The database does not take what the stage found: that is a failure of this file, and of no other.
      return failed(upload, stage, { ...timed, ...toFailure(thrown) }, next, thrown)
    }
  }

  async function kept(upload: ClaimedUpload, record: StageRecord, next: Stage | undefined, result: StageResult) {
    const { changes = {}, vectors, words } = result.outcome === 'done' ? result : {}
    if (words) {
      const ended = await processing.complete(upload.id, record, words)
      return ended === 'edited' ? 'retry' : ended
    }
    return goOn(upload, record, next ?? indexWords, changes, vectors)
  }

  /** Keeps what a stage found, and enters the next one. */
  async function goOn(
    upload: ClaimedUpload,
    record: StageRecord,
    next: Stage,
    changes: UploadChanges = {},
    vectors?: NewVectors,
  ) {
    const entered = await processing.completeStage(upload.id, record, next, changes, vectors)
    if (!entered) return 'gone'
    Object.assign(upload, changes)
    // Its owner may have written a description of their own meanwhile; if they do from here on, `complete` notices.
    if (next.name === 'embed') Object.assign(upload, { description: entered.description })
    return 'next'
  }

  async function failed(
    upload: ClaimedUpload,
    stage: Stage,
    record: StageRecord,
    next: Stage | undefined,
    thrown: unknown,
  ) {
    const { id, userId } = upload
    log.warn(
      { uploadId: id, userId, stage: stage.name, attempt: upload.attempts, err: toError(thrown) },
      'stage failed',
    )
    if (stage.optional && next) return goOn(upload, record, next)
    const status = await processing.failStage(id, record)
    if (status === undefined) return 'gone'
    Object.assign(upload, { errorCode: record.errorCode, errorMessage: record.errorMessage })
    return status === 'pending' ? 'retry' : 'failed'
  }

  /**
   * Removes what an attempt may have written after the files were deleted. An upload that is still there was only taken
   * from this attempt, most often to the trash; its files are not ours to remove.
   */
  async function forget(upload: ClaimedUpload): Promise<void> {
    const existing = await processing.existing([upload.id])
    if (existing.has(upload.id)) log.info({ uploadId: upload.id }, 'the upload was taken from this attempt')
    else await tools.blobs.removeFolder(uploadFolder(upload))
  }

  async function stopped(id: string, signal: AbortSignal): Promise<AttemptResult> {
    if (signal.reason === ('deleted' satisfies StopReason)) return 'gone'
    await processing.release(id)
    return 'released'
  }

  /** Tells how the attempt ended. Nothing is said about uploads that are gone: nobody may know of them. */
  function announce(upload: ClaimedUpload, batchId: string | null, result: Exclude<AttemptResult, 'gone'>): void {
    const state = { ...upload, ...STATE_AFTER[result] }
    bus.publish({ action: ACTION_AFTER[result], userId: upload.userId, payload: toUploadProgress(state, batchId) })
    log.info({ uploadId: upload.id, userId: upload.userId, batchId, result, attempt: upload.attempts }, 'attempt ended')
  }
}

/** Resolves when the attempt is told to stop because the program stops; never otherwise. */
function stopping(signal: AbortSignal): Promise<'stopping'> {
  return new Promise((resolve) => {
    const check = () => {
      if (signal.reason === ('stopping' satisfies StopReason)) resolve('stopping')
    }
    if (signal.aborted) check()
    else signal.addEventListener('abort', check, { once: true })
  })
}

/** A full disk is no file's fault: what was begun waits until there is room. */
function isOutOfRoom(thrown: unknown): boolean {
  return isDiskFull(thrown) || (thrown instanceof AppError && thrown.code === 'STORAGE_FULL')
}

const WAITING = { status: 'pending', stage: 'queued' } as const
const STATE_AFTER = {
  completed: { status: 'completed', stage: 'completed' },
  failed: { status: 'failed', stage: 'failed' },
  retry: WAITING,
  released: WAITING,
} as const
const ACTION_AFTER = {
  completed: 'upload_completed',
  failed: 'upload_failed',
  retry: 'upload_progress',
  released: 'upload_progress',
} as const

function toRecord(result: StageResult) {
  if (result.outcome === 'skipped') return { outcome: result.outcome, reason: result.reason }
  return { outcome: result.outcome, model: result.model }
}

/** What is recorded of an error: a code and a sentence its owner can read. Only ours say what they mean. */
function toFailure(thrown: unknown) {
  const error = thrown instanceof AppError ? thrown : new AppError('INTERNAL', { cause: thrown })
  return { outcome: 'failed' as const, errorCode: error.code, errorMessage: error.message.slice(0, ERROR_MESSAGE_MAX) }
}
