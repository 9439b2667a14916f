import type { BatchRow, BatchStore, WaitingItem } from '../db/batches.ts'
import { toError } from '../errors.ts'
import { toBatchProgress } from '../progress.ts'
import type { Outcome } from '../schemas/batches.ts'
import { createLane } from './lane.ts'
import { createLeases, type LeasesDeps } from './leases.ts'
import { createSpareMemory } from './spare-memory.ts'

export interface SchedulerDeps extends Omit<LeasesDeps, 'onIdle'> {
  batches: BatchStore
  interactiveConcurrency: number
  /** Removes what has been kept for long enough: in the trash, in the log of accounts. */
  removeExpired(): Promise<void>
}

/** A bell that was lost (its message never reached this process) is made up for at the next tick. */
const TICK_MS = 60_000

/**
 * Two lanes into the pipeline: single uploads, a few at a time; and batches, on a semaphore of size one, first in
 * first out, their uploads one after another. The rows are the queue; a bell only says that there may be work.
 */
export function createScheduler({ processing, batches, develop, bus, log, ...options }: SchedulerDeps) {
  const spareMemory = createSpareMemory(log)
  const leases = createLeases({ processing, develop, bus, log, onIdle: spareMemory.idle })
  let stopping = false
  let tick: NodeJS.Timeout | undefined
  let resumed = false
  let resuming: Promise<void> = Promise.resolve()

  const onError = (thrown: unknown) => log.error({ err: toError(thrown) }, 'background work was interrupted')
  const interactive = createLane({ concurrency: options.interactiveConcurrency, step: developNextUpload, onError })
  const batch = createLane({ concurrency: 1, step: processNextBatch, onError })

  /**
   * What was being developed when the last process ended, one at a time and before anything else: if one of them was
   * what ended it, it must not take the others with it once more.
   */
  async function developInterrupted(): Promise<void> {
    while (!stopping && (await leases.develop(claimInterrupted)));
  }

  async function claimInterrupted() {
    const upload = await processing.claimInterrupted()
    if (!upload) return undefined
    const batchId = (await batches.findBatchesOf([upload.id])).get(upload.id) ?? null
    return { upload, priority: 'interactive' as const, batchId }
  }

  async function resume(): Promise<void> {
    await developInterrupted().catch(onError)
    resumed = true
    ringAll()
  }

  async function developNextUpload(): Promise<boolean> {
    const result = await leases.develop(async () => {
      const upload = await processing.claimNext()
      return upload && { upload, priority: 'interactive', batchId: null }
    })
    return result !== undefined
  }

  async function processNextBatch(): Promise<boolean> {
    const claimed = await batches.claimNext()
    if (!claimed) return false
    tellBatch(claimed)
    while (!stopping) {
      const item = await batches.nextItem(claimed.id)
      if (!item) break
      const startedMs = performance.now()
      const outcome = await developItem(item, claimed.id)
      if (outcome === undefined) return false
      const row = await batches.recordOutcome(claimed.id, item.position, outcome, performance.now() - startedMs)
      if (row) tellBatch(row)
    }
    if (!stopping) await endBatch(claimed)
    return !stopping
  }

  /** Develops one item to its end. Undefined when the program stops before. */
  async function developItem({ uploadId, redo, position }: WaitingItem, batchId: string): Promise<Outcome | undefined> {
    if (uploadId === null) return 'deleted'
    await leases.ended(uploadId)
    if (redo) await processing.startAfresh(uploadId, batchId, position)
    for (;;) {
      const result = await leases.develop(async () => {
        const upload = await processing.claim(uploadId)
        return upload && { upload, priority: 'batch', batchId }
      })
      if (result === 'released') return undefined
      if (result) continue
      const state = await processing.findState(uploadId)
      if (!state) return 'deleted'
      if (state.status === 'completed') return 'succeeded'
      if (state.status === 'failed') return 'failed'
      // The interactive lane took it between the two statements: its end is awaited, then asked again.
      const ended = leases.ended(uploadId)
      if (!ended) throw new Error(`Upload ${uploadId} is ${state.status} but nobody develops it.`)
      await ended
    }
  }

  async function endBatch({ id, userId }: BatchRow): Promise<void> {
    const row = (await batches.complete(id)) ?? (await settled(userId, id))
    if (row) tellBatch(row, 'batch_completed')
  }

  /** A batch that was cancelled while it ran: what still waits in it is settled now. */
  async function settled(userId: string, id: string): Promise<BatchRow | undefined> {
    await batches.settleCancelled(id)
    const row = await batches.find(userId, id)
    return row?.status === 'cancelled' ? row : undefined
  }

  function tellBatch(row: BatchRow, action: 'batch_progress' | 'batch_completed' = 'batch_progress'): void {
    bus.publish({ action, userId: row.userId, payload: toBatchProgress(row) })
  }

  /** What nobody works on any more waits again. */
  async function recover(): Promise<void> {
    await leases.takeBack()
    await batches.settleAllCancelled()
  }

  function ringAll(): void {
    if (!resumed) return
    interactive.ringAll()
    batch.ringAll()
  }

  return {
    /** Puts the rows in order that the last process left. Before anything new can arrive. */
    async recoverRows(): Promise<void> {
      await batches.sealInterrupted()
      await recover()
    },
    /** Goes on from the rows: what was interrupted is resumed, what waits is begun. */
    begin(): void {
      resuming = resume()
      tick = setInterval(
        () => void recover().then(ringAll, onError).then(options.removeExpired).catch(onError),
        TICK_MS,
      )
      tick.unref()
      spareMemory.idle()
    },
    uploadAccepted(): void {
      if (resumed) interactive.ring()
    },
    batchAccepted(): void {
      if (resumed) batch.ring()
    },
    uploadsDeleted(ids: readonly string[]): void {
      for (const id of ids) leases.deleted(id)
    },
    /** Uploads being developed at this moment. */
    runningCount: leases.count,
    /** Begins nothing more, releases what runs, and resolves when it has let go. Idempotent. */
    async stop(): Promise<void> {
      stopping = true
      clearInterval(tick)
      leases.stop()
      await Promise.all([resuming, interactive.stop(), batch.stop()])
      spareMemory.stop()
    },
  }
}
