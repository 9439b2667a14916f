import { type Signal, useSignal } from '@preact/signals'
import type { RefObject } from 'preact'
import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks'
import type { Upload } from '../../../../src/schemas/uploads.ts'
import { moves } from '../../app/router.tsx'
import {
  type Anchor,
  anchorAt,
  createGridLayouter,
  findCell,
  type GridLayout,
  heightOf,
  visibleGaps,
} from './grid-layout.ts'
import type { GridMemory } from './grid-memory.ts'
import { type GridMeasure, LABEL_HEIGHT } from './section-layout.ts'

/** Above and below what is seen, so much more is in the page. */
const OVERSCAN = 600
/** What is in the page changes once in so many pixels of scrolling. */
const STEP = 240
/** Uploads that fly past are not asked for. */
const SETTLE_MS = 90

/** Between what is brought into sight and the edge. */
const AIR = 12

interface Span {
  readonly from: number
  readonly to: number
}

export interface GridView {
  readonly layout: GridLayout
  readonly span: Span
  /** How far the grid is scrolled, in its own heights. */
  readonly y: Signal<number>
  scrollTo(y: number): void
  /** Scrolls as little as brings the upload into sight; unless wholly, a part of it in sight is enough. */
  reveal(id: string, wholly: boolean): void
}

/** Thumbnails have 256 pixels on their longer side: lines are as high as those look sharp. */
function measureFor(width: number, dayOf: GridMeasure['dayOf']): GridMeasure {
  const target = width < 480 ? 108 : width < 900 ? 148 : 184
  return { width, target, gap: width < 480 ? 3 : 4, dayOf }
}

/** What of a grid is in the page, by how far the window is scrolled; what is seen stays where it is when heights change. */
export function useGridView(
  canvas: RefObject<HTMLDivElement | null>,
  memory: GridMemory,
  dayOf: ((upload: Upload) => string) | undefined,
): GridView {
  const { source } = memory
  const width = useWidth(canvas)
  const layouter = useMemo(createGridLayouter, [memory, dayOf])
  const sections = source.sections.value
  const layout = useMemo(() => layouter(sections, measureFor(width, dayOf)), [layouter, sections, width, dayOf])
  const y = useSignal(memory.y)
  const [span, setSpan] = useState<Span>(() => spanAt(memory.y))
  const anchor = useRef<{ readonly at: Anchor; readonly y: number } | undefined>(undefined)
  const scrolledAt = useRef(0)
  const restored = useRef(false)

  // Where the window is scrolled to when the grid begins under the header. Measured seldom: asking lays the page out.
  const origin = useRef(0)
  const measureOrigin = () => {
    const element = canvas.current
    if (element) origin.current = element.getBoundingClientRect().top + window.scrollY - stickyTop()
  }

  const follow = useCallback(() => {
    if (layout.height === 0) return
    const now = window.scrollY - origin.current
    y.value = now
    memory.y = now
    const next = spanAt(now)
    setSpan((old) => (old.from === next.from && old.to === next.to ? old : next))
    // Sitting still since it was placed: the old anchor is the more exact one.
    if (anchor.current && Math.abs(anchor.current.y - now) < 1.5) return
    const at = now > 0 ? anchorAt(layout, now) : undefined
    anchor.current = at && { at, y: now }
  }, [layout, memory])

  const scrollTo = useCallback(
    (to: number) => {
      window.scrollTo(0, to + origin.current)
      follow()
    },
    [follow],
  )

  useLayoutEffect(() => {
    if (layout.height === 0) return
    measureOrigin()
    if (!restored.current) {
      restored.current = true
      if (memory.y > 0 && moves.value.isBack) scrollTo(memory.y)
      else follow()
      return
    }
    const held = anchor.current
    const moved = held && heightOf(layout, held.at)
    if (held && moved !== undefined && Math.abs(moved - held.y) >= 1) {
      anchor.current = { at: held.at, y: moved }
      scrollTo(moved)
    } else follow()
  }, [layout])

  useEffect(() => {
    let frame = 0
    const onScroll = () => {
      scrolledAt.current = performance.now()
      cancelAnimationFrame(frame)
      frame = requestAnimationFrame(follow)
    }
    const onResize = () => {
      measureOrigin()
      onScroll()
    }
    // Whatever comes above the grid moves it.
    const observer = new ResizeObserver(onResize)
    observer.observe(document.body)
    addEventListener('scroll', onScroll, { passive: true })
    addEventListener('resize', onResize)
    return () => {
      observer.disconnect()
      cancelAnimationFrame(frame)
      removeEventListener('scroll', onScroll)
      removeEventListener('resize', onResize)
    }
  }, [follow])

  const place = y.value
  useEffect(() => {
    if (width === 0) return
    const isStill = performance.now() - scrolledAt.current > SETTLE_MS
    const timer = setTimeout(
      () => {
        const gaps = visibleGaps(layout, y.peek() - OVERSCAN / 2, y.peek() + innerHeight + OVERSCAN / 2)
        if (gaps.length > 0) source.need(gaps)
      },
      isStill ? 0 : SETTLE_MS,
    )
    return () => clearTimeout(timer)
  }, [layout, place, width])

  const reveal = (id: string, wholly: boolean) => {
    const found = findCell(layout, id)
    if (!found) return
    const seen = innerHeight - stickyTop()
    const now = y.peek()
    const end = found.top + found.row.height
    if (!wholly && end > now + LABEL_HEIGHT && found.top < now + seen) return
    const top = found.top - LABEL_HEIGHT - AIR
    if (top < now) scrollTo(top)
    else if (end + AIR > now + seen) scrollTo(end + AIR - seen)
  }

  return { layout, span, y, scrollTo, reveal }
}

function spanAt(y: number): Span {
  const from = Math.floor((y - OVERSCAN) / STEP) * STEP
  return { from, to: Math.ceil((y + innerHeight + OVERSCAN) / STEP) * STEP }
}

/** The header of the page lies over the top of the window. */
function stickyTop(): number {
  return Number.parseFloat(getComputedStyle(document.documentElement).getPropertyValue('--header-height')) || 0
}

function useWidth(element: RefObject<HTMLDivElement | null>): number {
  const [width, setWidth] = useState(0)
  useLayoutEffect(() => {
    const target = element.current
    if (target === null) return
    const measure = () => setWidth(Math.floor(target.clientWidth))
    measure()
    const observer = new ResizeObserver(measure)
    observer.observe(target)
    return () => observer.disconnect()
  }, [])
  return width
}
