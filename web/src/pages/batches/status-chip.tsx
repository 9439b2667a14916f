import type { Batch } from '../../../../src/schemas/batches.ts'
import { Chip } from '../../parts/chip.tsx'

export function StatusChip({ batch: { status, counts, progress_percent } }: { batch: Batch }) {
  switch (status) {
    case 'pending':
      return <Chip>Waiting for its turn</Chip>
    case 'processing':
      return <Chip kind="accent">{Math.floor(progress_percent)} %</Chip>
    case 'cancelled':
      return <Chip>Cancelled</Chip>
    case 'completed':
      return counts.failed > 0 ? <Chip kind="danger">{counts.failed} failed</Chip> : <Chip kind="good">Developed</Chip>
  }
}
