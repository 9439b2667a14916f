export type Gauge = ReturnType<typeof createGauge>

/** Counts what is under way. */
export function createGauge() {
  let count = 0
  return {
    count: () => count,
    /** Does the work, and counts it until it has ended. */
    async during<T>(work: () => Promise<T>): Promise<T> {
      count += 1
      try {
        return await work()
      } finally {
        count -= 1
      }
    },
  }
}
