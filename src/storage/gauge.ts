export type Gauge = ReturnType<typeof createGauge>

/** Counts what is under way. */
export function createGauge() {
  let count = 0
  const idlers = new Set<() => void>()
  return {
    count: () => count,
    /** Resolves when nothing is under way. */
    idle: () => new Promise<void>((resolve) => (count === 0 ? resolve() : idlers.add(resolve))),
    /** Does the work, and counts it until it has ended. */
    async during<T>(work: () => Promise<T>): Promise<T> {
      count += 1
      try {
        return await work()
      } finally {
        count -= 1
        if (count === 0) {
          for (const resolve of idlers) resolve()
          idlers.clear()
        }
      }
    },
  }
}
