import { readdir, readFile } from 'node:fs/promises'
import { quantile } from '../../../bench/report.ts'
import type { Server } from '../chaos/server.ts'

export interface Vitals {
  readonly atMs: number
  readonly rssMb: number
  readonly files: number
  readonly processor: Processor
}

/** Of all processors since the machine started, in ticks. */
export interface Processor {
  readonly total: number
  /** Wanted here and given to another machine by the host. */
  readonly stolen: number
}

const EVERY_MS = 2000
const SAMPLES_A_MINUTE = 60_000 / EVERY_MS

/** Looks at the memory and the open files of a server, and at the processor of the machine, every two seconds. */
export function watchVitals({ pid }: Server) {
  const samples: Vitals[] = []
  const look = async () => {
    const status = await readFile(`/proc/${pid}/status`, 'utf8')
    const rssMb = Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? Number.NaN) / 1024
    const files = (await readdir(`/proc/${pid}/fd`)).length
    samples.push({ atMs: performance.now(), rssMb, files, processor: await lookAtProcessor() })
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
      return [
        describe('memory', 'MB', (it) => it.rssMb),
        describe('open files', '', (it) => it.files),
        describeStolen(samples.map((it) => it.processor)),
      ].join('\n')
    },
  }
}

/** The first line of /proc/stat: user, nice, system, idle, iowait, irq, softirq, steal; what follows is counted in user. */
export async function lookAtProcessor(): Promise<Processor> {
  const ticks = (await readFile('/proc/stat', 'utf8')).split('\n', 1).join().trim().split(/\s+/).slice(1, 9).map(Number)
  return { total: ticks.reduce((sum, it) => sum + it, 0), stolen: ticks.at(7) ?? 0 }
}

/** In percent of the processor. */
export function stolen(from: Processor, to: Processor): number {
  return (100 * (to.stolen - from.stolen)) / (to.total - from.total)
}

/** A figure of time says something about the server only where the host left it the processor. */
function describeStolen(processor: readonly Processor[]): string {
  const minutes = processor.flatMap((from, number) => {
    const to = processor[number + SAMPLES_A_MINUTE]
    return to ? [stolen(from, to)] : []
  })
  const [first, last] = [processor.at(0), processor.at(-1)]
  const overall = first && last ? stolen(first, last) : Number.NaN
  const worst = minutes.length > 0 ? `, ${quantile(minutes, 1).toFixed(1)} % in the worst minute` : ''
  return `taken from the processor by the host: ${overall.toFixed(1)} %${worst}`
}

/** Of the line with the least squares. */
function slope(points: readonly (readonly [x: number, y: number])[]): number {
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
  const [meanX, meanY] = [mean(points.map(([x]) => x)), mean(points.map(([, y]) => y))]
  const over = points.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0)
  return over / points.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0)
}
