import pLimit from 'p-limit'

export interface LaneOptions {
  /** How many steps may run at the same time. */
  concurrency: number
  /** Does one piece of work; false when there was none. */
  step(): Promise<boolean>
  /** Told when a step throws. The lane tries again after a pause. */
  onError(thrown: unknown): void
}

/** The pause after an error, most often a database that is away; doubled up to the longest. */
const FIRST_PAUSE_MS = 500
const LONGEST_PAUSE_MS = 30_000

/**
 * Works while there is work, and is rung when there may be more. The semaphore bounds what runs at once; one waiting
 * run behind it is enough, since a run goes on until it finds nothing: no bell is lost, and none is counted twice.
 */
export function createLane({ concurrency, step, onError }: LaneOptions) {
  const semaphore = pLimit(concurrency)
  const runs = new Set<Promise<void>>()
  let stopping = false
  let pauseMs = FIRST_PAUSE_MS
  let pause: NodeJS.Timeout | undefined

  async function runUntilDry(): Promise<void> {
    try {
      while (!stopping && (await step())) pauseMs = FIRST_PAUSE_MS
    } catch (thrown) {
      onError(thrown)
      clearTimeout(pause)
      pause = setTimeout(ring, pauseMs)
      pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)
    }
  }

  function ring(): void {
    if (stopping || semaphore.pendingCount > 0) return
    const run = semaphore(runUntilDry)
    runs.add(run)
    void run.finally(() => runs.delete(run))
  }

  return {
    ring,
    /** Begins as many runs as there are places: for work that waited while nobody listened. */
    ringAll(): void {
      for (let place = 0; place < concurrency; place++) ring()
    },
    /** Begins nothing more, and resolves when what runs has ended. Idempotent. */
    async stop(): Promise<void> {
      stopping = true
      clearTimeout(pause)
      await Promise.all(runs)
    },
  }
}
