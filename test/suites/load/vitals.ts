import { readdir, readFile } from 'node:fs/promises'
import type { Server } from '../chaos/server.ts'

export interface Vitals {
  readonly atMs: number
  readonly rssMb: number
  readonly files: number
}

const EVERY_MS = 2000

/** Looks at the memory and the open files of a server every two seconds. */
export function watchVitals({ pid }: Server) {
  const samples: Vitals[] = []
  const look = async () => {
    const status = await readFile(`/proc/${pid}/status`, 'utf8')
    const rssMb = Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? Number.NaN) / 1024
    samples.push({ atMs: performance.now(), rssMb, files: (await readdir(`/proc/${pid}/fd`)).length })
  }
  // The process may end between the timer and the look.
  const timer = setInterval(() => void look().catch(() => undefined), EVERY_MS)
  return {
    samples,
    now(): string {
      const last = samples.at(-1)
      return `${Math.round(last?.rssMb ?? 0)} MB, ${last?.files ?? 0} open files`
    },
    /** "first -> last, slope an hour", from the middle on: before, caches and threads warm up. */
    report(): string {
      clearInterval(timer)
      const late = samples.slice(Math.floor(samples.length / 2))
      const describe = (name: string, unit: string, value: (sample: Vitals) => number) => {
        const perMinute = slope(late.map((sample) => [sample.atMs / 60_000, value(sample)]))
        const [first, middle, last] = [samples.at(0), late.at(0), samples.at(-1)].map((it) => (it ? value(it) : 0))
        const [a, b, c] = [first, middle, last].map((it) => Math.round(it ?? 0))
        return `${name} ${a} at first, ${b} in the middle, ${c} at last ${unit} (${perMinute.toFixed(2)} a minute in the second half)`
      }
      return `${describe('memory', 'MB', (it) => it.rssMb)}\n${describe('open files', '', (it) => it.files)}`
    },
  }
}

/** Of the line with the least squares. */
function slope(points: readonly (readonly [x: number, y: number])[]): number {
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
  const [meanX, meanY] = [mean(points.map(([x]) => x)), mean(points.map(([, y]) => y))]
  const over = points.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0)
  return over / points.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0)
}
