import type { Upload } from '../../../../src/schemas/uploads.ts'
import { type Gap, type Part, runOf } from './sections.ts'

/** Uploads of a stretch of time that are only counted. */
export interface TimeGap extends Gap {
  /** From here on, and before there: milliseconds of UTC. */
  readonly after: number
  readonly before: number
  /** Where the reading from the top stopped. A cursor goes with the stretch that its first request named. */
  readonly resume?: { readonly after: number; readonly before: number; readonly cursor: string }
}

/** The stretch of a month, as the timeline names it: `2024-07`. */
export function monthGap(month: string, count: number): TimeGap {
  const [year = 0, number = 1] = month.split('-').map(Number)
  return { kind: 'gap', count, after: Date.UTC(year, number - 1), before: Date.UTC(year, number) }
}

/** What takes the place of a gap after a page from its top: the page, and what is left. */
export function afterPage(
  gap: TimeGap,
  page: readonly Upload[],
  nextCursor: string | null,
  timeOf: (upload: Upload) => number,
): readonly Part[] {
  const inside = page.filter((upload) => timeOf(upload) >= gap.after)
  const isDone = nextCursor === null || inside.length < page.length
  const last = inside.at(-1)
  if (isDone || !last) return runOf(inside)
  const stretch = gap.resume ?? gap
  const rest: TimeGap = {
    kind: 'gap',
    // What the timeline counted may have changed; the cursor knows that there is more.
    count: Math.max(1, gap.count - inside.length),
    after: gap.after,
    // The next one may have been taken in the same millisecond.
    before: timeOf(last) + 1,
    resume: { after: stretch.after, before: stretch.before, cursor: nextCursor },
  }
  return [...runOf(inside), rest]
}

/** Cuts a gap at a moment below which there are `lower` uploads. */
export function splitGap(gap: TimeGap, moment: number, lower: number): readonly [TimeGap, TimeGap] {
  return [
    { ...gap, count: gap.count - lower, after: moment },
    { kind: 'gap', count: lower, after: gap.after, before: moment },
  ]
}

/** So near to the wanted place is near enough: a page is loaded from there. */
const NEAR = 80
const STEPS = 14

export interface Cut {
  readonly moment: number
  readonly lower: number
}

/**
 * Looks for a moment with about `wanted` uploads above it. Pictures come in heaps, so each step halves what the step
 * before guessed wrong. Undefined when all of them were taken in the same moment.
 * @param countBetween uploads from the first moment on and before the second
 */
export async function findCut(
  gap: TimeGap,
  wanted: number,
  countBetween: (after: number, before: number) => Promise<number>,
): Promise<Cut | undefined> {
  let high = { moment: gap.before, above: 0 }
  let low = { moment: gap.after, above: gap.count }
  let best: Cut | undefined
  for (let step = 0; step < STEPS && high.moment - low.moment > 1; step++) {
    const share = step % 2 === 0 ? (wanted - high.above) / Math.max(1, low.above - high.above) : 0.5
    const span = high.moment - low.moment
    const moment = Math.round(high.moment - Math.min(span - 1, Math.max(1, share * span)))
    const lower = await countBetween(gap.after, moment)
    const above = gap.count - lower
    if (lower > 0 && above > 0 && above <= wanted) best = { moment, lower }
    if (above <= wanted && wanted - above <= NEAR) break
    if (above > wanted) low = { moment, above }
    else high = { moment, above }
  }
  return best
}
