import { useEffect, useRef, useState } from 'preact/hooks'
import { get, isAbort } from '../../api/client.ts'

interface Page<T> {
  readonly items: readonly T[]
  readonly next_cursor: string | null
}

export interface Pages<T> {
  /** Undefined until the first page has come. */
  readonly items: readonly T[] | undefined
  readonly hasMore: boolean
  readonly isBusy: boolean
  readonly error: unknown
  more(): void
  /** What an answer says of an item stands here before the list is read again. */
  change(update: (items: readonly T[]) => readonly T[]): void
  reload(): void
}

/** A list of the server that comes in pages, one more at a time. */
export function usePages<T>(path: string, query: Readonly<Record<string, string | undefined>> = {}): Pages<T> {
  const [items, setItems] = useState<readonly T[] | undefined>(undefined)
  const [cursor, setCursor] = useState<string | null>(null)
  const [error, setError] = useState<unknown>(undefined)
  const [isBusy, setBusy] = useState(false)
  const controller = useRef<AbortController | undefined>(undefined)

  const ask = async (before: readonly T[], after: string | null) => {
    controller.current?.abort()
    const mine = new AbortController()
    controller.current = mine
    setBusy(true)
    setError(undefined)
    try {
      const asked = { ...query, ...(after === null ? {} : { cursor: after }) }
      const page = await get<Page<T>>(path, { query: asked, signal: mine.signal })
      setItems([...before, ...page.items])
      setCursor(page.next_cursor)
      setBusy(false)
    } catch (thrown) {
      if (isAbort(thrown)) return
      setError(thrown)
      setBusy(false)
    }
  }

  useEffect(() => {
    void ask([], null)
    return () => controller.current?.abort()
  }, [path, JSON.stringify(query)])

  return {
    items,
    hasMore: cursor !== null,
    isBusy,
    error,
    more: () => void ask(items ?? [], cursor),
    change: (update) => setItems((now) => now && update(now)),
    reload: () => void ask([], null),
  }
}
