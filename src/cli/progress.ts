import type { PackEvent } from '../models/store/pack-files.ts'
import type { Output } from './command.ts'
import { formatBytes, formatDuration } from './sizes.ts'

const REDRAW_MS = 100
const BAR_WIDTH = 24
/** Speed is that of the last seconds: since the start it would forget a line that has become slow. */
const SPEED_WINDOW_MS = 5_000

export interface ProgressReport {
  onEvent(event: PackEvent): void
  /** Leaves the line, so that what is written next begins on one of its own. */
  end(): void
}

/** A bar on a terminal, one line for each file elsewhere. */
export function createProgressReport(output: Output): ProgressReport {
  return output.isTTY ? createBar(output) : createLines(output)
}

function createLines(output: Output): ProgressReport {
  let files = 0
  let finished = 0
  return {
    onEvent(event) {
      if (event.kind === 'planned') files = event.files
      if (event.kind === 'retrying') output.write(retryLine(event))
      if (event.kind !== 'finished') return
      finished += 1
      const what = event.how === 'kept' ? 'is there' : 'done'
      output.write(`${finished}/${files} ${event.file} ${formatBytes(event.sizeBytes)} ${what}\n`)
    },
    end() {},
  }
}

function createBar(output: Output): ProgressReport {
  const received = new Map<string, number>()
  const samples: { atMs: number; bytes: number }[] = []
  let totalBytes: number | undefined
  let files = 0
  let finished = 0
  let drawnAtMs = 0

  const sum = () => [...received.values()].reduce((all, bytes) => all + bytes, 0)

  function draw(nowMs: number): void {
    drawnAtMs = nowMs
    const bytes = sum()
    samples.push({ atMs: nowMs, bytes })
    while (samples.length > 2 && nowMs - (samples[0]?.atMs ?? 0) > SPEED_WINDOW_MS) samples.shift()
    const line = barLine({ bytes, totalBytes, files, finished, bytesPerSecond: speedOf(samples) })
    output.write(`\r\x1b[2K${line.slice(0, (output.columns ?? 80) - 1)}`)
  }

  return {
    onEvent(event) {
      const nowMs = performance.now()
      switch (event.kind) {
        case 'planned':
          ;({ files, sizeBytes: totalBytes } = event)
          return
        case 'received':
          // What an earlier try left did not come over the line just now.
          if (!received.has(event.file)) for (const sample of samples) sample.bytes += event.sizeBytes
          received.set(event.file, event.sizeBytes)
          if (nowMs - drawnAtMs >= REDRAW_MS) draw(nowMs)
          return
        case 'retrying':
          output.write(`\r\x1b[2K${retryLine(event)}`)
          return
        case 'finished':
          finished += 1
          if (event.how === 'kept') for (const sample of samples) sample.bytes += event.sizeBytes
          received.set(event.file, event.sizeBytes)
          draw(nowMs)
      }
    },
    end() {
      if (drawnAtMs > 0) output.write('\n')
    },
  }
}

function speedOf(samples: readonly { atMs: number; bytes: number }[]): number {
  const [first, last] = [samples[0], samples.at(-1)]
  if (!first || !last || last.atMs <= first.atMs) return 0
  return Math.max(0, ((last.bytes - first.bytes) / (last.atMs - first.atMs)) * 1000)
}

interface State {
  readonly bytes: number
  readonly totalBytes: number | undefined
  readonly files: number
  readonly finished: number
  readonly bytesPerSecond: number
}

function barLine({ bytes, totalBytes, files, finished, bytesPerSecond }: State): string {
  const speed = `${formatBytes(bytesPerSecond)}/s`
  const count = `${finished}/${files} files`
  if (totalBytes === undefined) return `${count}  ${formatBytes(bytes)}  ${speed}`
  const fraction = totalBytes === 0 ? 1 : Math.min(1, bytes / totalBytes)
  const bar = '#'.repeat(Math.floor(fraction * BAR_WIDTH)).padEnd(BAR_WIDTH, '-')
  const left = bytesPerSecond > 0 ? `  ${formatDuration((totalBytes - bytes) / bytesPerSecond)} left` : ''
  const percent = `${Math.floor(fraction * 100)}%`.padStart(4)
  return `[${bar}] ${percent}  ${formatBytes(bytes)} of ${formatBytes(totalBytes)}  ${speed}${left}  ${count}`
}

function retryLine({ file, reason, pauseMs }: PackEvent & { kind: 'retrying' }): string {
  return `${file}: ${reason} Trying again in ${Math.ceil(pauseMs / 1000)} s.\n`
}
