import { useEffect, useRef } from 'preact/hooks'
import { ErrorNote } from '../../parts/error-note.tsx'
import type { Complaint } from '../../parts/search-box/search-state.ts'
import { Spinner } from '../../parts/spinner.tsx'
import type { Narrowing } from './facets.ts'
import { HitCard } from './hit-card.tsx'
import { NothingFound } from './nothing-found.tsx'
import { QueryMistake } from './query-mistake.tsx'
import type { Search } from './use-search.ts'

interface Props {
  search: Search
  now: Narrowing
  mistake: Complaint | undefined
}

/** The next page is asked for while its place is still so far below. */
const AHEAD = '900px'

/** What was found, page after page as one scrolls. */
export function Results({ search: { found, state, error, more }, now, mistake }: Props) {
  if (mistake) return <QueryMistake mistake={mistake} />
  if (found === undefined) {
    if (state === 'failed') return <ErrorNote error={error} retry={more} />
    return (
      <div class="search-wait">
        <Spinner size={28} label="Searching" />
      </div>
    )
  }
  if (found.hits.length === 0) return <NothingFound now={now} />
  return (
    <>
      <ul class="hits" data-stale={state === 'first' ? '' : undefined} aria-busy={state === 'first'}>
        {found.hits.map((hit) => (
          <HitCard key={hit.upload.id} hit={hit} />
        ))}
      </ul>
      {state === 'failed' && <ErrorNote error={error} retry={more} />}
      {state === 'more' && (
        <div class="search-wait">
          <Spinner label="Searching on" />
        </div>
      )}
      {state === 'idle' && found.nextCursor !== undefined && <NextPage key={found.hits.length} ask={more} />}
    </>
  )
}

/** Comes into sight, and asks once. */
function NextPage({ ask }: { ask: () => void }) {
  const mark = useRef<HTMLDivElement>(null)
  useEffect(() => {
    const { current } = mark
    if (current === null) return
    const watch = ([entry]: IntersectionObserverEntry[]) => entry?.isIntersecting && ask()
    const observer = new IntersectionObserver(watch, { rootMargin: AHEAD })
    observer.observe(current)
    return () => observer.disconnect()
  }, [])
  return <div ref={mark} class="search-next" />
}
