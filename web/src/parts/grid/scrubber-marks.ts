import type { GridLayout } from './grid-layout.ts'

/** A month on the scrubber: where it begins, as a part of the whole. */
export interface Mark {
  readonly month: string
  readonly at: number
  readonly top: number
  readonly count: number
  /** The year is written beside it. */
  readonly year: string | undefined
  readonly hasDot: boolean
}

const YEAR_ROOM = 24
const DOT_ROOM = 7

/** Months by where they stand in the grid; years and dots only where there is room for them. */
export function marksOf({ sections, height }: GridLayout, trackHeight: number): Mark[] {
  let lastYear = ''
  let lastYearAt = Number.NEGATIVE_INFINITY
  let lastDotAt = Number.NEGATIVE_INFINITY
  const marks = sections.map(({ top, layout: { section, count } }): Mark => {
    const at = height > 0 ? top / height : 0
    const y = at * trackHeight
    const name = section.key.slice(0, 4)
    const year = name !== lastYear && y - lastYearAt >= YEAR_ROOM ? name : undefined
    if (year !== undefined) {
      lastYear = name
      lastYearAt = y
    }
    const hasDot = year === undefined && y - lastDotAt >= DOT_ROOM
    if (hasDot) lastDotAt = y
    return { month: section.key, at, top, count, year, hasDot }
  })
  const years = marks.filter(({ year }) => year !== undefined)
  const isFree = ({ at }: Mark) => years.every((year) => Math.abs(year.at - at) * trackHeight >= YEAR_ROOM / 2)
  return marks.map((mark) => (mark.hasDot && !isFree(mark) ? { ...mark, hasDot: false } : mark))
}

/** The month at a part of the whole. */
export function markAt(marks: readonly Mark[], share: number): number {
  const after = marks.findIndex(({ at }) => at > share + 1e-9)
  return after < 0 ? marks.length - 1 : Math.max(0, after - 1)
}

/** Where the keys lead from a month: to its neighbours, to other years, to the ends. */
export function markForKey(marks: readonly Mark[], now: number, key: string): number | undefined {
  const last = marks.length - 1
  const year = (index: number) => marks[index]?.month.slice(0, 4)
  switch (key) {
    case 'ArrowDown':
    case 'ArrowRight':
      return Math.min(last, now + 1)
    case 'ArrowUp':
    case 'ArrowLeft':
      return Math.max(0, now - 1)
    case 'PageDown': {
      const next = marks.findIndex((_, index) => index > now && year(index) !== year(now))
      return next < 0 ? last : next
    }
    case 'PageUp': {
      const before = marks.findLastIndex((_, index) => index < now && year(index) !== year(now))
      return marks.findIndex((_, index) => year(index) === year(Math.max(0, before)))
    }
    case 'Home':
      return 0
    case 'End':
      return last
    default:
      return undefined
  }
}
