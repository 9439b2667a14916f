import { useEffect, useMemo, useState } from 'preact/hooks'
import type { Timeline } from '../../../../src/schemas/library.ts'
import type { SearchHit } from '../../../../src/schemas/search.ts'
import { ApiError, get } from '../../api/client.ts'
import { Link, navigate, path, query } from '../../app/router.tsx'
import { useTitle } from '../../app/title.ts'
import { Button } from '../../parts/button.tsx'
import { EmptyState } from '../../parts/empty-state.tsx'
import { setTrail, trailOfUploads } from '../../parts/grid/trail.ts'
import { forgetSearch } from '../../parts/search-box/recent-searches.ts'
import { readSearchAddress, type SearchAddress, searchAddress } from '../../parts/search-box/search-address.ts'
import { type Complaint, complaint, type Example, example } from '../../parts/search-box/search-state.ts'
import { FacetChips } from './facet-chips.tsx'
import { facetsFor, type Narrowing } from './facets.ts'
import type { Looking } from './looking.ts'
import { AlbumOfSearch, NameSearch } from './name-search.tsx'
import { coverageOf, useSearchStats } from './nothing-found.tsx'
import { Results } from './results.tsx'
import { RecentList, SavedList } from './saved-list.tsx'
import './search.css'
import { totalOf, useSearch } from './use-search.ts'
import { useViewed } from './use-viewed.ts'

/** `/search`: what a query, a picture or an upload finds. All of it but the picture stands in the address. */
export default function SearchPage() {
  const address = readSearchAddress(query.value)
  const looking = lookingFor(address, example.value)
  if (looking === undefined) return <SearchStart byPicture={address.byPicture} />
  return <SearchResults looking={looking} params={query.value} />
}

function lookingFor({ query: words, filter, similarTo, byPicture }: SearchAddress, held: Example | undefined) {
  if (similarTo !== undefined) return { by: 'likeness', uploadId: similarTo, filter } satisfies Looking
  if (byPicture) return held && ({ by: 'picture', picture: held.file, filter } satisfies Looking)
  const isSaid = words.trim() !== '' || Object.keys(filter).length > 0
  return isSaid ? ({ by: 'words', query: words, filter } satisfies Looking) : undefined
}

function SearchStart({ byPicture }: { byPicture: boolean }) {
  const stats = useSearchStats()
  useTitle('Search')
  return (
    <div class="page search-page">
      <header class="page-head">
        <h1>Search</h1>
      </header>
      {byPicture && (
        <EmptyState icon="image" title="Which picture was it?">
          An example picture is not kept. Drop it on the search box again to find what looks like it.
        </EmptyState>
      )}
      <div class="search-start">
        <TryOut />
        <SavedList />
        <RecentList />
      </div>
      <p class="muted search-coverage">
        Search by words, by what is seen, by text in the picture, or drop an example picture on the box.{' '}
        {stats && coverageOf(stats)}
      </p>
    </div>
  )
}

const TRIES = [
  { label: 'Videos', query: 'type:video' },
  { label: 'Text in the picture', query: 'has:text' },
  { label: 'Portraits', query: 'type:photo is:portrait' },
  { label: 'Large files', query: 'larger:10mb' },
  { label: 'Hidden ones', query: 'is:hidden' },
] as const

/** A way in for those who do not know yet what can be asked. */
function TryOut() {
  return (
    <ul class="search-tries" aria-label="Try">
      {TRIES.map(({ label, query: words }) => (
        <li key={words}>
          <Link href={searchAddress(words)} class="search-try">
            {label}
          </Link>
        </li>
      ))}
    </ul>
  )
}

function SearchResults({ looking, params }: { looking: Looking; params: URLSearchParams }) {
  const search = useSearch(looking, params.toString())
  const { found, error, state } = search
  useViewed(search.change)
  const [saving, setSaving] = useState<'search' | 'album' | undefined>(undefined)
  const close = () => setSaving(undefined)
  const now: Narrowing = { query: looking.by === 'words' ? looking.query : '', filter: looking.filter }
  const mistake = mistakeOf(now.query, error)
  const years = useYears()
  const cameras = useCameras(found?.hits)
  const facets = useMemo(() => facetsFor(years, cameras), [years, cameras])
  const title = titleOf(looking)
  useTitle(title)
  // In the viewer one goes from hit to hit.
  useEffect(() => setTrail(trailOfUploads((found?.hits ?? []).map(({ upload }) => upload))), [found])
  useEffect(() => {
    complaint.value = mistake
    if (mistake) forgetSearch(mistake.query)
    return () => {
      complaint.value = undefined
    }
  }, [error])

  return (
    <div class="page page-wide search-page">
      <header class="page-head">
        <h1>
          {title}
          {found && found.total > 0 && (
            <span class="search-total muted numbers" data-stale={state === 'first' ? '' : undefined}>
              {totalOf(found, looking.by)}
            </span>
          )}
        </h1>
        {looking.by === 'words' && mistake === undefined && (
          <>
            <Button icon="bookmark" onClick={() => setSaving('search')}>
              Save search
            </Button>
            <Button icon="albums" onClick={() => setSaving('album')}>
              Save as album
            </Button>
          </>
        )}
      </header>
      <FacetChips
        facets={facets}
        now={now}
        hasQuery={looking.by === 'words'}
        change={(next) => navigate(addressOf(params, next))}
      />
      <Results search={search} now={now} mistake={mistake} />
      {saving === 'search' && <NameSearch search={now} onClose={close} />}
      {saving === 'album' && <AlbumOfSearch search={now} onClose={close} />}
    </div>
  )
}

function titleOf(looking: Looking): string {
  if (looking.by === 'words') return looking.query.trim() === '' ? 'Search' : looking.query
  return looking.by === 'picture' ? 'Like your picture' : 'Alike'
}

/** The same search, narrowed down otherwise. */
function addressOf(params: URLSearchParams, { query: words, filter }: Narrowing): string {
  const next = new URLSearchParams()
  const similar = params.get('similar')
  if (similar !== null) next.set('similar', similar)
  else if (params.has('picture')) next.set('picture', '')
  else next.set('q', words)
  for (const [name, value] of Object.entries(filter)) next.set(name, String(value))
  return `${path.peek()}?${next}`
}

function mistakeOf(text: string, error: unknown): Complaint | undefined {
  if (!(error instanceof ApiError) || error.code !== 'QUERY_INVALID') return undefined
  const { position } = error.problem
  return typeof position === 'number' ? { query: text, position, sentence: error.message } : undefined
}

/** The years from which there is something, the newest first. */
function useYears(): readonly number[] {
  const [years, setYears] = useState<readonly number[]>([])
  useEffect(() => {
    const controller = new AbortController()
    get<Timeline>('/v1/uploads/timeline', { signal: controller.signal }).then(
      ({ months }) => setYears([...new Set(months.map(({ month }) => Number(month.slice(0, 4))))]),
      // The chip for the year is left out then; the box still takes `after:`.
      () => undefined,
    )
    return () => controller.abort()
  }, [])
  return years
}

/** The cameras of what was found, and of what was found before: a choice must not take the others away. */
function useCameras(hits: readonly SearchHit[] | undefined): readonly string[] {
  const [cameras, setCameras] = useState<readonly string[]>([])
  useEffect(() => {
    const named = (hits ?? []).flatMap(({ upload }) => upload.camera ?? [])
    if (named.some((name) => !cameras.includes(name))) setCameras([...new Set([...cameras, ...named])].sort())
  }, [hits])
  return cameras
}
