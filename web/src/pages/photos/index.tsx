import { useEffect, useMemo, useState } from 'preact/hooks'
import type { Timeline } from '../../../../src/schemas/library.ts'
import type { Upload } from '../../../../src/schemas/uploads.ts'
import { Link, navigate, query } from '../../app/router.tsx'
import { Button } from '../../parts/button.tsx'
import { EmptyState } from '../../parts/empty-state.tsx'
import { recallGrid } from '../../parts/grid/grid-memory.ts'
import { PhotoGrid } from '../../parts/grid/photo-grid.tsx'
import { readTimeline } from '../../parts/grid/requests.ts'
import { SelectionBar } from '../../parts/grid/selection-bar.tsx'
import { createTimelineSource, dayOf } from '../../parts/grid/timeline-source.ts'
import { UploadTools } from '../../parts/grid/upload-tools.tsx'
import { watchArrivals } from './arrivals.ts'
import { FilterChips } from './filter-chips.tsx'
import { readFilter, shows, toAddress, toUploadFilter } from './photo-filter.ts'
import './photos.css'

const byTaken = (upload: Upload) => dayOf(upload, 'taken')
const byCreated = (upload: Upload) => dayOf(upload, 'created')

/** All photos and videos, by day. */
export default function Photos() {
  const filter = readFilter(query.value)
  const address = toAddress(filter)
  const memory = useMemo(
    () =>
      recallGrid(`photos ${address}`, () =>
        createTimelineSource({
          filter: toUploadFilter(filter),
          by: filter.by,
          shows: (upload) => shows(filter, upload),
        }),
      ),
    [address],
  )
  const { source } = memory
  const all = useCounts(source.state.value.ready ? source.sections.value.length : undefined)
  useEffect(() => {
    source.start()
    return watchArrivals(source)
  }, [source])

  const isFiltered = address !== '/'
  return (
    <div class="page page-wide photos">
      <h1 class="visually-hidden">Photos</h1>
      {/* Its room is kept while the counts are on their way: what comes late must not push the pictures down. */}
      {(isFiltered || all?.total !== 0) && (
        <div class="photos-tools">{(isFiltered || all) && <FilterChips filter={filter} all={all} />}</div>
      )}
      <PhotoGrid
        key={address}
        memory={memory}
        label="Photos and videos by day"
        dayOf={filter.by === 'taken' ? byTaken : byCreated}
        hasScrubber
        empty={isFiltered ? <NothingFound /> : <NothingYet />}
      />
      <SelectionBar memory={memory}>
        <UploadTools memory={memory} />
      </SelectionBar>
    </div>
  )
}

/**
 * What there is in all, for the chips; counted again when months come or go.
 * @param months undefined while the first pictures are on their way: they come first
 */
function useCounts(months: number | undefined): Timeline | undefined {
  const [counts, setCounts] = useState<Timeline | undefined>(undefined)
  useEffect(() => {
    if (months === undefined) return
    readTimeline({}).then(setCounts, () => undefined)
  }, [months])
  return counts
}

function NothingFound() {
  return (
    <EmptyState icon="filter" title="Nothing here" actions={<Button onClick={() => navigate('/')}>Show all</Button>}>
      No photo or video passes these filters.
    </EmptyState>
  )
}

function NothingYet() {
  return (
    <EmptyState
      icon="photos"
      title="Your photos develop here"
      actions={
        <Link href="/uploads" class="button button-primary">
          Hand over photos
        </Link>
      }
    >
      Drop photos, videos or whole folders anywhere on this page.
    </EmptyState>
  )
}
