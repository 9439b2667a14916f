import { AppError } from '../errors.ts'
import { createAbortWatch } from './abort-watch.ts'
import type { Priority, RunOptions } from './pack.ts'

/** Most urgent first. */
const PRIORITIES = ['query', 'interactive', 'batch'] as const satisfies readonly Priority[]

interface Waiting {
  start(): void
  refuse(error: Error): void
}

export interface WorkQueue {
  /**
   * Does the work when its turn comes. With an aborted signal it is never begun if it still waits; if it runs, only
   * the waiting for it ends: the work goes on and keeps its place until it is done.
   * @throws the signal's reason, AppError NOT_READY once the queue is closed, or what the work throws.
   */
  run<T>(work: () => Promise<T>, options?: RunOptions): Promise<T>
  /** Refuses what waits and resolves when nothing runs any more, including work that nobody waits for. Idempotent. */
  close(): Promise<void>
}

/** Runs at most `concurrency` pieces of work at a time: by priority, and within one priority first come, first served. */
export function createWorkQueue(concurrency: number): WorkQueue {
  const lanes = new Map<Priority, Set<Waiting>>(PRIORITIES.map((priority) => [priority, new Set()]))
  const running = new Set<Promise<unknown>>()
  const aborts = createAbortWatch()
  let closed = false

  const takeNext = (): Waiting | undefined => {
    for (const lane of lanes.values()) {
      for (const next of lane) {
        lane.delete(next)
        return next
      }
    }
    return undefined
  }

  const startNext = () => {
    while (running.size < concurrency) {
      const next = takeNext()
      if (next === undefined) return
      next.start()
    }
  }

  const begin = <T>(work: () => Promise<T>): Promise<T> => {
    const result = (async () => work())()
    const settled = result
      .then(
        () => undefined,
        () => undefined,
      )
      .then(() => {
        running.delete(settled)
        startNext()
      })
    running.add(settled)
    return result
  }

  return {
    run(work, { signal, priority = 'batch' } = {}) {
      return new Promise((resolve, reject) => {
        if (closed) return reject(new AppError('NOT_READY'))
        if (signal?.aborted) return reject(signal.reason)
        const lane = lanes.get(priority)
        const forget = signal
          ? aborts.add(signal, () => {
              lane?.delete(waiting)
              reject(signal.reason)
            })
          : () => undefined
        const waiting: Waiting = {
          start: () => begin(work).finally(forget).then(resolve, reject),
          refuse: (error) => {
            forget()
            reject(error)
          },
        }
        lane?.add(waiting)
        startNext()
      })
    },
    async close() {
      closed = true
      for (let next = takeNext(); next !== undefined; next = takeNext()) next.refuse(new AppError('NOT_READY'))
      await Promise.all(running)
    },
  }
}
