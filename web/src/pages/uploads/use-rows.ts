import { useEffect, useRef, useState } from 'preact/hooks'
import type { Upload } from '../../../../src/schemas/uploads.ts'
import { readLatest } from '../../api/uploads.ts'
import { keepDetails } from '../../live/details.ts'
import { newsCount } from '../../live/store.ts'
import { items, totals } from '../../upload/queue.ts'
import { type Rows, readRows } from './rows.ts'

/** Rows that change places faster than this cannot be followed. */
const EVERY_MS = 300

/** So many of what was handed over before, so that a page that was reloaded is not empty. */
const EARLIER = 50

/** The rows, made anew only when something has happened. Undefined until it is known what was there before. */
export function useRows(): Rows | undefined {
  const earlier = useEarlier()
  const [rows, setRows] = useState<Rows>()
  const latest = useRef(earlier)
  latest.current = earlier
  useEffect(() => {
    let seen: readonly unknown[] = []
    let isSettling = false
    const look = () => {
      const now = [items.peek(), totals.peek(), newsCount(), latest.current]
      if (!isSettling && now.every((value, index) => value === seen[index])) return
      seen = now
      const next = readRows(latest.current ?? [])
      isSettling = next.isSettling
      setRows(next)
    }
    look()
    const timer = setInterval(look, EVERY_MS)
    return () => clearInterval(timer)
  }, [earlier])
  return earlier === undefined && rows?.sorted.length === 0 ? undefined : rows
}

function useEarlier(): readonly Upload[] | undefined {
  const [earlier, setEarlier] = useState<readonly Upload[]>()
  useEffect(() => {
    const controller = new AbortController()
    readLatest(EARLIER, controller.signal)
      .then((uploads) => {
        uploads.forEach(keepDetails)
        // What is not finished the socket tells.
        setEarlier(uploads.filter(({ processed_at, status }) => status === 'failed' || processed_at !== null))
      })
      // What is under way is shown all the same.
      .catch(() => setEarlier([]))
    return () => controller.abort()
  }, [])
  return earlier
}
