import type { ComponentChildren } from 'preact'
import { useEffect, useMemo, useRef, useState } from 'preact/hooks'
import './virtual-list.css'

interface VirtualListProps {
  count: number
  /** All rows have this height, in CSS pixels. */
  rowHeight: number
  label: string
  keyOf: (index: number) => string | number
  row: (index: number) => ComponentChildren
  /** Called when the end is near: there may be more to load. */
  onNearEnd?: () => void
}

/** So many rows above and below what is visible are there too, so that scrolling meets no gap. */
const SPARE_ROWS = 6

/** A list in the flow of the page, of which only the rows that can be seen are in the document. */
export function VirtualList({ count, rowHeight, label, keyOf, row, onNearEnd }: VirtualListProps) {
  const ref = useRef<HTMLUListElement>(null)
  const [{ first, last }, setRange] = useState({ first: 0, last: 20 })

  useEffect(() => {
    let frame = 0
    const look = () => {
      frame = 0
      const list = ref.current
      if (list === null) return
      const top = -list.getBoundingClientRect().top
      const from = Math.max(0, Math.floor(top / rowHeight) - SPARE_ROWS)
      const to = Math.ceil((top + window.innerHeight) / rowHeight) + SPARE_ROWS
      setRange((now) => (now.first === from && now.last === to ? now : { first: from, last: to }))
      if (to >= count) onNearEnd?.()
    }
    const lookSoon = () => {
      if (frame === 0) frame = requestAnimationFrame(look)
    }
    look()
    addEventListener('scroll', lookSoon, { passive: true })
    addEventListener('resize', lookSoon)
    return () => {
      cancelAnimationFrame(frame)
      removeEventListener('scroll', lookSoon)
      removeEventListener('resize', lookSoon)
    }
  }, [count, rowHeight, onNearEnd])

  // The same element again tells preact that a row that only stays in sight need not be looked at.
  const made = useMemo(() => new Map<number, ComponentChildren>(), [row])
  const rowAt = (index: number) => {
    if (!made.has(index)) made.set(index, row(index))
    return made.get(index)
  }
  for (const index of made.keys()) if (index < first || index >= last) made.delete(index)

  const indexes = Array.from({ length: Math.max(0, Math.min(last, count) - first) }, (_, index) => first + index)
  return (
    <ul ref={ref} class="virtual-list" aria-label={label} style={{ height: `${count * rowHeight}px` }}>
      {indexes.map((index) => (
        <li
          key={keyOf(index)}
          class="virtual-row"
          aria-setsize={count}
          aria-posinset={index + 1}
          style={{ height: `${rowHeight}px`, transform: `translateY(${index * rowHeight}px)` }}
        >
          {rowAt(index)}
        </li>
      ))}
    </ul>
  )
}
