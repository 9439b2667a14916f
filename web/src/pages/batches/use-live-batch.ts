import { useEffect, useState } from 'preact/hooks'
import type { Batch } from '../../../../src/schemas/batches.ts'
import { readBatch } from '../../api/batches.ts'
import { batchOf } from '../../live/store.ts'

/** A batch as it was read, brought up to date by what is told of it. At the end its counts are read once more. */
export function useLiveBatch(read: Batch): Batch {
  const [last, setLast] = useState(read)
  useEffect(() => setLast(read), [read])
  const news = batchOf(read.id).value
  const hasEnded = news !== undefined && news.status !== 'pending' && news.status !== 'processing'
  useEffect(() => {
    if (!hasEnded) return
    const controller = new AbortController()
    // Without an answer the figures of the last news stay.
    readBatch(read.id, 1, undefined, controller.signal).then(
      ({ batch }) => setLast(batch),
      () => undefined,
    )
    return () => controller.abort()
  }, [hasEnded, read.id])
  if (news === undefined || (hasEnded && isOver(last))) return last
  const { succeeded, failed, progress_percent, eta_seconds, status, total, processed } = news
  const counts = { ...last.counts, succeeded, failed, total, waiting: total - processed }
  return { ...last, status, progress_percent, eta_seconds, counts }
}

export function isOver({ status }: Batch): boolean {
  return status === 'completed' || status === 'cancelled'
}
