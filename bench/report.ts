import { monitorEventLoopDelay } from 'node:perf_hooks'

/** The value at a fraction of the sorted values: 0.5 is the median. */
export function quantile(values: readonly number[], fraction: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * fraction))] ?? Number.NaN
}

/** Prints one line per measurement; with a limit also the ratio of the median to it (below 1 is within). */
export function report(what: string, values: readonly number[], limit?: number): void {
  const [median, most] = [quantile(values, 0.5), quantile(values, 1)]
  const spread =
    values.length > 1 ? `, p95 ${quantile(values, 0.95).toFixed(1)}, max ${most.toFixed(1)}, n ${values.length}` : ''
  const ratio = limit === undefined ? '' : `  | ${(median / limit).toFixed(2)} of the limit of ${limit}`
  process.stdout.write(`${what}: median ${median.toFixed(1)}${spread}${ratio}\n`)
}

/** Watches the event loop of this process; the function it returns gives the 99th percentile of its delay, in ms. */
export function measureDelay(): () => number {
  const delay = monitorEventLoopDelay({ resolution: 1 })
  delay.enable()
  return () => {
    delay.disable()
    return delay.percentile(99) / 1e6
  }
}
