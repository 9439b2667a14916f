import { type Signal, useSignal } from '@preact/signals'
import { useEffect, useMemo, useRef, useState } from 'preact/hooks'
import type { GridLayout } from './grid-layout.ts'
import { markAt, markForKey, marksOf } from './scrubber-marks.ts'
import './scrubber.css'
import { counted, monthLabel } from './words.ts'

interface ScrubberProps {
  readonly layout: GridLayout
  readonly y: Signal<number>
  onSeek(y: number): void
}

/** So much of the wheel is one month. */
const WHEEL_STEP = 60
/** On touch the handle leaves when nobody scrolls. */
const LINGER_MS = 1400

/** All months at the side, as long as they are in the grid: drag, turn the wheel, or use the arrow keys. */
export function Scrubber({ layout, y, onSeek }: ScrubberProps) {
  const track = useRef<HTMLDivElement>(null)
  const trackHeight = useHeight(track)
  const marks = useMemo(() => marksOf(layout, trackHeight), [layout, trackHeight])
  const held = useSignal(false)
  const hovered = useSignal<number | undefined>(undefined)
  const wheel = useRef(0)
  const isLively = useLively(y)
  if (layout.height < innerHeight * 1.5 || marks.length === 0) return null

  const share = Math.min(1, Math.max(0, y.value / layout.height))
  const now = markAt(marks, share)
  const shown = held.value ? share : hovered.value
  const shownMark = marks[shown === undefined ? now : markAt(marks, shown)]
  const go = (index: number | undefined) => {
    const mark = index === undefined ? undefined : marks[index]
    if (mark) onSeek(mark.top)
    return mark !== undefined
  }
  const shareAt = (event: PointerEvent) => {
    const box = track.current?.getBoundingClientRect()
    return box ? Math.min(1, Math.max(0, (event.clientY - box.top) / box.height)) : 0
  }
  const seek = (event: PointerEvent) => onSeek(shareAt(event) * layout.height)

  return (
    <div class="scrubber" data-held={held.value ? '' : undefined} data-lively={isLively ? '' : undefined}>
      <div
        ref={track}
        class="scrubber-track"
        role="slider"
        tabIndex={0}
        aria-label="Timeline"
        aria-orientation="vertical"
        aria-valuemin={0}
        aria-valuemax={marks.length - 1}
        aria-valuenow={now}
        aria-valuetext={shownMark && `${monthLabel(shownMark.month)}, ${counted(shownMark.count, 'upload')}`}
        onKeyDown={(event) => {
          if (go(markForKey(marks, now, event.key))) event.preventDefault()
        }}
        onWheel={(event) => {
          event.preventDefault()
          wheel.current += event.deltaY
          const steps = Math.trunc(wheel.current / WHEEL_STEP)
          wheel.current -= steps * WHEEL_STEP
          if (steps !== 0) go(Math.min(marks.length - 1, Math.max(0, now + steps)))
        }}
        onPointerDown={(event) => {
          if (event.button !== 0) return
          event.currentTarget.setPointerCapture(event.pointerId)
          held.value = true
          seek(event)
        }}
        onPointerMove={(event) => {
          if (held.value) seek(event)
          if (event.pointerType === 'mouse') hovered.value = shareAt(event)
        }}
        onPointerUp={() => {
          held.value = false
        }}
        onPointerCancel={() => {
          held.value = false
        }}
        onPointerLeave={() => {
          hovered.value = undefined
        }}
      >
        {marks.map(({ month, at, year, hasDot }) =>
          year !== undefined ? (
            <span key={month} class="scrubber-year numbers" style={{ top: `${at * 100}%` }}>
              {year}
            </span>
          ) : (
            hasDot && <span key={month} class="scrubber-dot" style={{ top: `${at * 100}%` }} />
          ),
        )}
        <span class="scrubber-thumb" style={{ top: `${share * 100}%` }} />
        {shown !== undefined && shownMark && (
          <span class="scrubber-bubble" style={{ top: `${shown * 100}%` }}>
            {monthLabel(shownMark.month)}
            <span class="scrubber-count numbers">{shownMark.count.toLocaleString()}</span>
          </span>
        )}
      </div>
    </div>
  )
}

function useHeight(element: { readonly current: HTMLElement | null }): number {
  const [height, setHeight] = useState(600)
  useEffect(() => {
    const target = element.current
    if (target === null) return
    const observer = new ResizeObserver(() => setHeight(target.clientHeight))
    observer.observe(target)
    return () => observer.disconnect()
  }, [element.current])
  return height
}

function useLively(y: Signal<number>): boolean {
  const [isLively, setLively] = useState(false)
  const place = y.value
  useEffect(() => {
    setLively(true)
    const timer = setTimeout(() => setLively(false), LINGER_MS)
    return () => clearTimeout(timer)
  }, [place])
  return isLively
}
