import { useCallback, useEffect, useState } from 'preact/hooks'
import type { Batch } from '../../../../src/schemas/batches.ts'
import { cancelBatch, retryBatch } from '../../api/batches.ts'
import { ApiError, sentence } from '../../api/client.ts'
import { Link } from '../../app/router.tsx'
import { useTitle } from '../../app/title.ts'
import { toast } from '../../app/toasts.tsx'
import { Button } from '../../parts/button.tsx'
import { EmptyState } from '../../parts/empty-state.tsx'
import { ErrorNote } from '../../parts/error-note.tsx'
import { formatMoment, plural } from '../../parts/format.ts'
import { Icon } from '../../parts/icons.tsx'
import { ProgressBar } from '../../parts/progress-bar.tsx'
import { Spinner } from '../../parts/spinner.tsx'
import { VirtualList } from '../../parts/virtual-list.tsx'
import { BatchItemRow } from './batch-item-row.tsx'
import { figuresOf } from './figures.ts'
import { StatusChip } from './status-chip.tsx'
import { useBatchItems } from './use-batch-items.ts'
import { useLiveBatch } from './use-live-batch.ts'

const ROW_HEIGHT = 76

/** One batch: how it is doing, and what became of each of its files. */
export function BatchView({ id }: { id: string }) {
  const { batch, items, error, loadMore, reload, setBatch } = useBatchItems(id)
  useTitle('Batch')
  const keyOf = useCallback((index: number) => items[index]?.position ?? index, [items])
  const row = useCallback(
    (index: number) => {
      const item = items[index]
      return item && <BatchItemRow item={item} />
    },
    [items],
  )
  return (
    <div class="page">
      <p class="batch-back">
        <Link href="/batches" class="back-link">
          <Icon name="arrow-left" size={18} /> All batches
        </Link>
      </p>
      {batch && <BatchHead batch={batch} onChange={setBatch} onRetried={reload} />}
      {error !== undefined && (isMissing(error) ? <Missing /> : <ErrorNote error={error} retry={reload} />)}
      {batch === undefined && error === undefined && <Spinner label="Loading the batch" />}
      {items.length > 0 && (
        <VirtualList
          label="Files of the batch"
          count={items.length}
          rowHeight={ROW_HEIGHT}
          keyOf={keyOf}
          row={row}
          onNearEnd={loadMore}
        />
      )}
    </div>
  )
}

interface BatchHeadProps {
  batch: Batch
  onChange: (batch: Batch) => void
  onRetried: () => void
}

function BatchHead({ batch: read, onChange, onRetried }: BatchHeadProps) {
  const batch = useLiveBatch(read)
  const { isRunning, facts, timeLeft } = figuresOf(batch)
  const again = batch.counts.failed + batch.counts.cancelled
  return (
    <>
      <div class="page-head">
        <h1>
          {plural(batch.counts.total, 'file')} <span class="muted batch-when">{formatMoment(batch.created_at)}</span>
        </h1>
        <StatusChip batch={batch} />
        {isRunning && <Act label="Cancel the rest" run={() => cancelBatch(batch.id).then(onChange)} />}
        {!isRunning && again > 0 && (
          <Act
            label={batch.counts.failed === 0 ? `Develop ${again} cancelled` : `Try ${again} again`}
            run={() => retryBatch(batch.id).then(onChange).then(onRetried)}
          />
        )}
      </div>
      <div class="batch-figures">
        {isRunning && <ProgressBar percent={batch.progress_percent} label="Developed" />}
        <dl>
          {facts.map(({ value, label }) => (
            <div key={label}>
              <dt class="muted small">{label}</dt>
              <dd class="numbers">{value}</dd>
            </div>
          ))}
          {timeLeft && (
            <div>
              <dt class="muted small">left</dt>
              <dd>{timeLeft}</dd>
            </div>
          )}
        </dl>
      </div>
    </>
  )
}

/** What cannot be done says so in passing. */
function Act({ label, run }: { label: string; run: () => Promise<unknown> }) {
  const [busy, setBusy] = useState(false)
  const [alive, setAlive] = useState(true)
  useEffect(() => () => setAlive(false), [])
  const act = () => {
    setBusy(true)
    run()
      .catch((thrown: unknown) => toast(sentence(thrown), { kind: 'error' }))
      .finally(() => {
        if (alive) setBusy(false)
      })
  }
  return (
    <Button busy={busy} onClick={act}>
      {label}
    </Button>
  )
}

function Missing() {
  return (
    <EmptyState icon="batches" title="There is no such batch">
      <p>It may belong to somebody else.</p>
    </EmptyState>
  )
}

function isMissing(error: unknown): boolean {
  return error instanceof ApiError && (error.code === 'BATCH_NOT_FOUND' || error.code === 'VALIDATION_FAILED')
}
