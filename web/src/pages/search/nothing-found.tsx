import { useEffect, useState } from 'preact/hooks'
import type { SearchStats } from '../../../../src/schemas/search.ts'
import { get } from '../../api/client.ts'
import { Link } from '../../app/router.tsx'
import { EmptyState } from '../../parts/empty-state.tsx'
import { formatCount } from '../../parts/format.ts'
import { isWord, type Piece, piecesOf, replacePieces } from '../../parts/search-box/query-text.ts'
import { searchAddress } from '../../parts/search-box/search-address.ts'
import type { Narrowing } from './facets.ts'

/** What may be the reason that nothing was found, and a way on from each. */
export function NothingFound({ now }: { now: Narrowing }) {
  const stats = useSearchStats()
  const reasons = stats?.uploads === 0 ? [] : reasonsOf(now)
  return (
    <EmptyState icon="search" title="Nothing found">
      {reasons.length > 0 && (
        <ul class="nothing-reasons">
          {reasons.map(({ said, way, next }) => (
            <li key={said}>
              {said} {next && <Link href={searchAddress(next.query, next.filter)}>{way}</Link>}
            </li>
          ))}
        </ul>
      )}
      {stats && <p>{coverageOf(stats)}</p>}
    </EmptyState>
  )
}

/** How much can be found at all. Undefined until it is known; nobody misses it when it never is. */
export function useSearchStats(): SearchStats | undefined {
  const [stats, setStats] = useState<SearchStats | undefined>(undefined)
  useEffect(() => {
    const controller = new AbortController()
    get<SearchStats>('/v1/search/stats', { signal: controller.signal }).then(setStats, () => undefined)
    return () => controller.abort()
  }, [])
  return stats
}

interface Reason {
  readonly said: string
  readonly way?: string
  readonly next?: Narrowing
}

function reasonsOf(now: Narrowing): Reason[] {
  const pieces = piecesOf(now.query)
  const write = (piece: Piece) => now.query.slice(piece.position, piece.end)
  const list = (some: readonly Piece[]) => some.map(write).join(' ')
  const ignored = pieces.filter((piece) => piece.field === undefined && !isWord(piece))
  const phrases = pieces.filter((piece) => isWord(piece) && piece.quoted && !piece.negated)
  const excluded = pieces.filter((piece) => isWord(piece) && piece.negated)
  const filters = pieces.filter(({ field }) => field !== undefined)
  const hasFilters = filters.length > 0 || Object.keys(now.filter).length > 0
  const words = replacePieces(now.query, ({ field }) => field !== undefined)
  return [
    when(ignored.length > 0, { said: `Passed over, since there is no letter or number in it: ${list(ignored)}` }),
    when(phrases.length > 0, {
      said: `Exactly these words have to stand there: ${list(phrases)}.`,
      way: 'Any of the words',
      next: { ...now, query: now.query.replaceAll(/["“”]/g, '') },
    }),
    when(excluded.length > 0, {
      said: `Left out is what has ${excluded.map(({ value }) => `“${value}”`).join(' or ')}.`,
      way: 'Leave nothing out',
      next: { ...now, query: replacePieces(now.query, (piece) => isWord(piece) && piece.negated) },
    }),
    when(hasFilters && words !== '', {
      said: 'Only what passes the filters was looked at.',
      way: 'Search without filters',
      next: { query: words, filter: {} },
    }),
    when(now.filter.show_hidden !== true && !pieces.some((piece) => piece.field === 'is' && piece.value === 'hidden'), {
      said: 'What is hidden was not looked at.',
      way: 'Look there too',
      next: { ...now, filter: { ...now.filter, show_hidden: true } },
    }),
  ].flat()
}

const when = (holds: boolean, reason: Reason): Reason[] => (holds ? [reason] : [])

/** In words: what is developed, has a text, and can be found by its meaning. */
export function coverageOf({ uploads, indexed, with_text, models }: SearchStats): string {
  if (uploads === 0) return 'There is nothing to be found yet: hand over some pictures first.'
  const all = indexed === uploads
  const found = all
    ? `All ${formatCount(uploads)} can be found`
    : `${formatCount(indexed)} of ${formatCount(uploads)} can be found so far`
  const fewest = Math.min(indexed, ...models.filter(({ active }) => active).map((model) => model.uploads))
  const meaning = fewest < indexed ? ` ${formatCount(fewest)} can be compared by the meaning of their words.` : ''
  return `${found}; ${with_text === 0 ? 'none has' : `${formatCount(with_text)} of them with`} text in the picture.${meaning}`
}
