import { useCallback, useState } from 'preact/hooks'
import { HandOverButton } from '../../app/hand-over-button.tsx'
import { knownUploads } from '../../live/store.ts'
import { Button } from '../../parts/button.tsx'
import { Chip } from '../../parts/chip.tsx'
import { EmptyState } from '../../parts/empty-state.tsx'
import { formatCount } from '../../parts/format.ts'
import { VirtualList } from '../../parts/virtual-list.tsx'
import { cancelAll, clearSettled, totals } from '../../upload/queue.ts'
import type { Phase, Row, Rows } from './rows.ts'
import { Summary } from './summary.tsx'
import { UploadRow } from './upload-row.tsx'
import { useRows } from './use-rows.ts'
import './uploads.css'

const ROW_HEIGHT = 84

type Filter = 'all' | 'under-way' | 'trouble' | 'done'

const FILTERS: readonly { filter: Filter; label: string; phases: readonly Phase[] }[] = [
  { filter: 'all', label: 'All', phases: ['active', 'trouble', 'waiting', 'done'] },
  { filter: 'under-way', label: 'Under way', phases: ['active', 'waiting'] },
  { filter: 'trouble', label: 'Failed', phases: ['trouble'] },
  { filter: 'done', label: 'Done', phases: ['done'] },
]

/** What is being handed over and developed now, and what was lately. */
export default function UploadsPage() {
  const rows = useRows()
  const { waiting, refused, cancelled, duplicates } = totals.value
  return (
    <div class="page uploads">
      <div class="page-head">
        <h1>Uploads</h1>
        {waiting > 0 && <Button onClick={cancelAll}>Cancel what is not sent</Button>}
        {waiting === 0 && refused + cancelled + duplicates > 0 && (
          <Button kind="quiet" onClick={clearSettled}>
            Hide files that were not added
          </Button>
        )}
      </div>
      {rows !== undefined && (rows.sorted.length === 0 ? <NothingUnderWay /> : <Everything rows={rows} />)}
    </div>
  )
}

function Everything({ rows: { sorted, counts, phases } }: { rows: Rows }) {
  const [filter, setFilter] = useState<Filter>('all')
  const wanted = FILTERS.find((one) => one.filter === filter)?.phases ?? []
  const rows = filter === 'all' ? sorted : sorted.filter((row) => wanted.includes(phases.get(row) ?? 'done'))
  return (
    <>
      {(totals.value.files > 0 || knownUploads.value.length > 0) && <Summary />}
      <fieldset class="uploads-filters" aria-label="Show">
        {FILTERS.map((one) => (
          <Chip key={one.filter} pressed={one.filter === filter} onClick={() => setFilter(one.filter)}>
            {one.label} <span class="numbers">{formatCount(sumOf(counts, one.phases))}</span>
          </Chip>
        ))}
      </fieldset>
      <RowList rows={rows} />
      {rows.length === 0 && <p class="muted uploads-none">Nothing here at the moment.</p>}
    </>
  )
}

function RowList({ rows }: { rows: readonly Row[] }) {
  const keyOf = useCallback((index: number) => rows[index]?.key ?? index, [rows])
  const row = useCallback(
    (index: number) => {
      const one = rows[index]
      return one && <UploadRow row={one} />
    },
    [rows],
  )
  return <VirtualList label="Files" count={rows.length} rowHeight={ROW_HEIGHT} keyOf={keyOf} row={row} />
}

function NothingUnderWay() {
  return (
    <EmptyState icon="uploads" title="Nothing is under way" actions={<HandOverButton />}>
      <p>
        Drop photos, videos or whole folders anywhere on this page, or paste a picture. Here you can watch them develop.
      </p>
    </EmptyState>
  )
}

function sumOf(counts: Readonly<Record<Phase, number>>, phases: readonly Phase[]): number {
  return phases.reduce((sum, phase) => sum + counts[phase], 0)
}
