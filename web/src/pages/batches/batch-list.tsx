import { useCallback, useEffect, useRef, useState } from 'preact/hooks'
import type { Batch } from '../../../../src/schemas/batches.ts'
import { listBatches } from '../../api/batches.ts'
import { isAbort } from '../../api/client.ts'
import { HandOverButton } from '../../app/hand-over-button.tsx'
import { Link } from '../../app/router.tsx'
import { useTitle } from '../../app/title.ts'
import { runningBatches } from '../../live/store.ts'
import { Button } from '../../parts/button.tsx'
import { EmptyState } from '../../parts/empty-state.tsx'
import { ErrorNote } from '../../parts/error-note.tsx'
import { formatMoment, plural } from '../../parts/format.ts'
import { ProgressBar } from '../../parts/progress-bar.tsx'
import { Spinner } from '../../parts/spinner.tsx'
import { type Figures, figuresOf } from './figures.ts'
import { StatusChip } from './status-chip.tsx'
import { useLiveBatch } from './use-live-batch.ts'

/** All batches, the newest first. */
export function BatchList() {
  const { batches, next, error, loadMore, reload } = useBatches()
  useTitle('Batches')
  return (
    <div class="page">
      <div class="page-head">
        <h1>Batches</h1>
      </div>
      {error !== undefined && <ErrorNote error={error} retry={reload} />}
      {batches === undefined && error === undefined && <Spinner label="Loading batches" />}
      {batches?.length === 0 && (
        <EmptyState icon="batches" title="No batches yet" actions={<HandOverButton />}>
          <p>
            Five files or more that are added together become a batch. It is developed in the background, file by file.
          </p>
        </EmptyState>
      )}
      {batches !== undefined && batches.length > 0 && (
        <ul class="batch-list">
          {batches.map((batch) => (
            <BatchCard key={batch.id} batch={batch} />
          ))}
        </ul>
      )}
      {next !== null && (
        <p class="batch-more">
          <Button onClick={loadMore}>Show older ones</Button>
        </p>
      )}
    </div>
  )
}

function BatchCard({ batch: read }: { batch: Batch }) {
  const batch = useLiveBatch(read)
  const figures = figuresOf(batch)
  return (
    <li>
      <Link href={`/batches/${batch.id}`} class="batch-card">
        <span class="batch-card-head">
          <span class="batch-card-title">{plural(batch.counts.total, 'file')}</span>
          <StatusChip batch={batch} />
          <span class="muted small numbers batch-card-time">{formatMoment(batch.created_at)}</span>
        </span>
        {figures.isRunning && <ProgressBar percent={batch.progress_percent} label="Developed" />}
        <span class="muted small numbers">{wordsOf(figures)}</span>
      </Link>
    </li>
  )
}

function wordsOf({ facts, timeLeft }: Figures): string {
  const words = facts.map(({ value, label }) => `${value} ${label}`)
  return [...words, ...(timeLeft === undefined ? [] : [`${timeLeft} left`])].join(' · ')
}

/** A batch that was not known yet makes the list be read again. */
function useBatches() {
  const [batches, setBatches] = useState<Batch[]>()
  const [next, setNext] = useState<string | null>(null)
  const [error, setError] = useState<unknown>()
  const loaded = useRef<readonly Batch[]>([])
  loaded.current = batches ?? []
  const load = useCallback((cursor?: string) => {
    const controller = new AbortController()
    setError(undefined)
    listBatches(cursor, controller.signal)
      .then((page) => {
        setBatches((now) => (cursor === undefined ? page.items : [...(now ?? []), ...page.items]))
        setNext(page.next_cursor)
      })
      .catch((thrown: unknown) => {
        if (!isAbort(thrown)) setError(thrown)
      })
    return () => controller.abort()
  }, [])
  useEffect(() => load(), [])
  const running = runningBatches.value
  useEffect(() => {
    const isNew = running.some((id) => !loaded.current.some((batch) => batch.id === id))
    if (isNew) load()
  }, [running])
  return { batches, next, error, reload: () => void load(), loadMore: () => void load(next ?? undefined) }
}
