import { useEffect, useRef, useState } from 'preact/hooks'
import type { SearchHit, SearchResult } from '../../../../src/schemas/search.ts'
import type { Upload } from '../../../../src/schemas/uploads.ts'
import { isAbort } from '../../api/client.ts'
import { announce } from '../../app/announcer.tsx'
import { moves } from '../../app/router.tsx'
import { formatCount } from '../../parts/format.ts'
import { findPage, type Looking } from './looking.ts'

interface Found {
  readonly hits: readonly SearchHit[]
  readonly total: number
  readonly totalIsExact: boolean
  readonly nextCursor: string | undefined
}

export interface Search {
  /** Of the search before, while the first page of this one is on its way. */
  readonly found: Found | undefined
  readonly state: 'idle' | 'first' | 'more' | 'failed'
  readonly error: unknown
  /** Asks for the next page, or again for the one that failed. */
  more(): void
  /** What became of an upload meanwhile; undefined: it is gone. */
  change(id: string, upload: Upload | undefined): void
}

/** What was found last: one comes back to it as one left it. */
let kept: { key: string; found: Found } | undefined

/**
 * Runs a search, and goes on with it page by page.
 * @param key tells one search from another
 */
export function useSearch(looking: Looking | undefined, key: string): Search {
  const [found, setFound] = useState<Found | undefined>(undefined)
  const [state, setState] = useState<Search['state']>('idle')
  const [error, setError] = useState<unknown>(undefined)
  const controller = useRef<AbortController | undefined>(undefined)

  const ask = async (before: Found | undefined) => {
    if (looking === undefined) return
    controller.current?.abort()
    const mine = new AbortController()
    controller.current = mine
    setState(before === undefined ? 'first' : 'more')
    try {
      const next = join(before, await findPage(looking, before?.nextCursor, mine.signal))
      if (before === undefined) announce(totalOf(next, looking.by))
      kept = { key, found: next }
      setFound(next)
      setError(undefined)
      setState('idle')
    } catch (thrown) {
      if (isAbort(thrown)) return
      if (before === undefined) setFound(undefined)
      setError(thrown)
      setState('failed')
    }
  }

  useEffect(() => {
    setError(undefined)
    if (looking !== undefined && kept?.key === key && moves.peek().isBack) {
      setFound(kept.found)
      setState('idle')
    } else if (looking === undefined) {
      setFound(undefined)
      setState('idle')
    } else {
      void ask(undefined)
    }
    return () => controller.current?.abort()
  }, [key, looking?.by === 'picture' ? looking.picture : undefined])

  const more = () => {
    if (state === 'first' || state === 'more') return
    if (state === 'failed' || found?.nextCursor !== undefined) void ask(found)
  }
  const change = (id: string, upload: Upload | undefined) => {
    if (kept?.key === key) kept = { key, found: withUpload(kept.found, id, upload) }
    setFound((now) => now && withUpload(now, id, upload))
  }
  return { found, state, error, more, change }
}

/** How many there are, said honestly: by likeness everything is compared, and nothing is ever too unlike. */
export function totalOf({ total, totalIsExact }: Pick<Found, 'total' | 'totalIsExact'>, by: Looking['by']): string {
  if (total === 0) return 'Nothing found'
  const count = formatCount(total)
  if (by !== 'words') return `${totalIsExact ? count : `At least ${count}`} compared, the closest first`
  return totalIsExact ? `${count} found` : `At least ${count} found`
}

function withUpload(found: Found, id: string, upload: Upload | undefined): Found {
  const hits = found.hits.flatMap((hit) => (hit.upload.id === id ? (upload ? [{ ...hit, upload }] : []) : [hit]))
  return { ...found, hits, total: found.total - (found.hits.length - hits.length) }
}

function join(before: Found | undefined, page: SearchResult): Found {
  return {
    hits: [...(before?.hits ?? []), ...page.hits],
    total: page.total_found,
    totalIsExact: page.total_is_exact,
    nextCursor: page.next_cursor ?? undefined,
  }
}
