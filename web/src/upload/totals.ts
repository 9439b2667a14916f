import { type ReadonlySignal, signal } from '@preact/signals'
import type { HandOver, QueuedItem } from './item.ts'
import { isSettled } from './item.ts'

export interface HandOverTotals {
  readonly files: number
  readonly bytes: number
  readonly sentBytes: number
  /** Not sent yet, or not answered. */
  readonly waiting: number
  readonly kept: number
  readonly duplicates: number
  readonly refused: number
  readonly cancelled: number
  /** Until everything is sent; undefined while it cannot be told. */
  readonly secondsLeft: number | undefined
  /** Why nothing is sent at the moment, in a sentence. */
  readonly paused: string | undefined
}

/** The speed is taken from the last so many seconds: it follows a connection that changes, and does not jump. */
const SPEED_WINDOW_MS = 15_000
const SPEED_LEAST_MS = 1500

/** Thousands of files change the totals all the time; people see them change so often. */
const SHOW_EVERY_MS = 150

/** Counts what the queue does. */
export function createTotals() {
  let counts = nothing()
  /** Of the items that are settled. */
  let settledBytes = 0
  /** Of the requests that are on their way. */
  const onTheWay = new Map<object, number>()
  let paused: string | undefined
  let samples: { at: number; sentBytes: number }[] = []
  let timer: ReturnType<typeof setTimeout> | undefined
  const shown = signal<HandOverTotals>(summarise())

  function sentBytes(): number {
    let sum = settledBytes
    for (const bytes of onTheWay.values()) sum += bytes
    return sum
  }

  /** Bytes in a second; undefined before there is something to measure. */
  function speed(): number | undefined {
    const now = Date.now()
    samples = samples.filter(({ at }) => at > now - SPEED_WINDOW_MS)
    const first = samples[0]
    if (first === undefined || now - first.at < SPEED_LEAST_MS) return undefined
    return Math.max(0, sentBytes() - first.sentBytes) / ((now - first.at) / 1000)
  }

  function summarise(): HandOverTotals {
    const { files, bytes, waiting, sending, ...others } = counts
    const rate = speed()
    return {
      ...others,
      files,
      bytes,
      sentBytes: sentBytes(),
      waiting: waiting + sending,
      secondsLeft: rate === undefined || rate === 0 || paused ? undefined : (bytes - sentBytes()) / rate,
      paused,
    }
  }

  function showSoon(): void {
    timer ??= setTimeout(() => {
      timer = undefined
      samples.push({ at: Date.now(), sentBytes: sentBytes() })
      shown.value = summarise()
    }, SHOW_EVERY_MS)
  }

  function showNow(): void {
    clearTimeout(timer)
    timer = undefined
    shown.value = summarise()
  }

  return {
    shown: shown as ReadonlySignal<HandOverTotals>,
    speed,

    added(items: readonly QueuedItem[]): void {
      counts.files += items.length
      counts.waiting += items.length
      for (const item of items) counts.bytes += item.sizeBytes
      showNow()
    },

    /** Settled items that are taken off the list do not count any more. */
    removed(items: readonly QueuedItem[]): void {
      for (const { state, sizeBytes } of items) {
        counts.files -= 1
        counts.bytes -= sizeBytes
        counts[COLUMN[state.peek().step]] -= 1
        settledBytes -= sizeBytes
      }
      showNow()
    },

    /** Changes the state of an item, and counts it. */
    move(item: QueuedItem, next: HandOver): void {
      const before = item.state.peek()
      counts[COLUMN[before.step]] -= 1
      counts[COLUMN[next.step]] += 1
      if (isSettled(before)) settledBytes -= item.sizeBytes
      if (isSettled(next)) settledBytes += item.sizeBytes
      item.state.value = next
      showSoon()
    },

    /** @param bytes undefined: the request is over, and its items tell the rest */
    sent(request: object, bytes: number | undefined): void {
      if (bytes === undefined) onTheWay.delete(request)
      else onTheWay.set(request, bytes)
      showSoon()
    },

    pause(why: string | undefined): void {
      if (paused === why) return
      paused = why
      samples = []
      showSoon()
    },

    clear(): void {
      counts = nothing()
      settledBytes = 0
      onTheWay.clear()
      samples = []
      paused = undefined
      showNow()
    },
  }
}

const COLUMN = {
  waiting: 'waiting',
  sending: 'sending',
  kept: 'kept',
  duplicate: 'duplicates',
  refused: 'refused',
  cancelled: 'cancelled',
} as const satisfies Record<HandOver['step'], string>

function nothing() {
  return { files: 0, bytes: 0, waiting: 0, sending: 0, kept: 0, duplicates: 0, refused: 0, cancelled: 0 }
}
