import { monitorEventLoopDelay } from 'node:perf_hooks'
import { isMainThread } from 'node:worker_threads'

/** On SIGUSR2 prints how long the event loop was held up since the last time, and begins to count anew. */
if (isMainThread) {
  const delay = monitorEventLoopDelay({ resolution: 1 })
  delay.enable()
  const ms = (nanoseconds) => Math.round(nanoseconds / 1e5) / 10
  let number = 0
  process.on('SIGUSR2', () => {
    const [p50, p99, max] = [delay.percentile(50), delay.percentile(99), delay.max].map(ms)
    process.stdout.write(`${JSON.stringify({ loop: { number: ++number, p50, p99, max } })}\n`)
    delay.reset()
  })
}
