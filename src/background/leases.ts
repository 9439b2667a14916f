import pLimit from 'p-limit'
import type { Logger } from 'pino'
import type { ClaimedUpload, ProcessingStore } from '../db/processing.ts'
import { type ProgressBus, toUploadProgress } from '../progress.ts'
import type { AttemptResult, createPipeline, DevelopOptions, StopReason } from './pipeline.ts'

export interface LeasesDeps {
  processing: ProcessingStore
  develop: ReturnType<typeof createPipeline>
  bus: ProgressBus
  log: Logger
  /** Told when the last attempt of several, or of one, has ended. */
  onIdle(): void
}

/** An upload that was just claimed, and for whom. */
export interface Claim extends Omit<DevelopOptions, 'signal'> {
  upload: ClaimedUpload
}

/**
 * What this process develops at this moment. Claiming and taking back take turns: while it is the turn of one, each row
 * that this process has leased is in `running`, or nobody's. A database that goes away in the middle of anything may
 * leave such rows; they are taken back before the next claim.
 */
export function createLeases({ processing, develop, bus, log, onIdle }: LeasesDeps) {
  const running = new Map<string, { abort: AbortController; ended: Promise<unknown> }>()
  /** Attempts that were interrupted: whether they ended is in the row, if anywhere. With their batch. */
  const unsure = new Map<string, string | null>()
  const inTurn = pLimit(1)
  let interrupted = false
  let stopping = false

  function begin({ upload, ...options }: Claim) {
    const abort = new AbortController()
    if (stopping) abort.abort('stopping' satisfies StopReason)
    const ended = follow(develop(upload, { ...options, signal: abort.signal }))
    running.set(upload.id, { abort, ended: ended.catch(() => undefined) })
    return { ended }

    async function follow(attempt: Promise<AttemptResult>): Promise<AttemptResult> {
      try {
        return await attempt
      } catch (thrown) {
        interrupted = true
        unsure.set(upload.id, options.batchId)
        throw thrown
      } finally {
        // Not the attempt that began when the upload came back from the trash before this one had let go.
        if (running.get(upload.id)?.abort === abort) running.delete(upload.id)
        if (running.size === 0) onIdle()
      }
    }
  }

  /** What is left undone when it throws, the next claim or the next time makes up for. */
  async function guarded<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (thrown) {
      interrupted = true
      throw thrown
    }
  }

  /** Makes rows wait again that nobody develops, and tells the owners of uploads that ended unheard. */
  async function takeBack(): Promise<void> {
    // Before anything else: an attempt that is interrupted meanwhile is for the next time.
    interrupted = false
    const givenUp = await processing.recover([...running.keys()])
    for (const row of givenUp) {
      log.warn({ uploadId: row.id, userId: row.userId }, 'upload given up: the process ended in both attempts')
      bus.publish({ action: 'upload_failed', userId: row.userId, payload: toUploadProgress(row, null) })
    }
    const asked = [...unsure]
    for (const row of await processing.findEnded(asked.map(([id]) => id))) {
      const action = row.status === 'completed' ? 'upload_completed' : 'upload_failed'
      bus.publish({ action, userId: row.userId, payload: toUploadProgress(row, unsure.get(row.id) ?? null) })
    }
    for (const [id] of asked) unsure.delete(id)
  }

  return {
    /**
     * Claims an upload and develops it, one attempt. Undefined when there was none to claim. Throws when the database or
     * the disk is not to be had; the row is then taken back before the next claim, without counting the attempt.
     */
    async develop(claim: () => Promise<Claim | undefined>): Promise<AttemptResult | undefined> {
      const begun = await inTurn(guarded, async () => {
        if (interrupted) await takeBack()
        // It may be claimed although the answer never comes.
        const claimed = await claim()
        return claimed && begin(claimed)
      })
      return begun?.ended
    },
    takeBack: () => inTurn(guarded, takeBack),
    /** Resolves when the attempt ends that this process makes at an upload; undefined when it makes none. */
    ended: (id: string): Promise<unknown> | undefined => running.get(id)?.ended,
    deleted(id: string): void {
      running.get(id)?.abort.abort('deleted' satisfies StopReason)
    },
    count: () => running.size,
    /** Tells all attempts, and those that may still begin, to let go. */
    stop(): void {
      stopping = true
      for (const { abort } of running.values()) abort.abort('stopping' satisfies StopReason)
    },
  }
}
