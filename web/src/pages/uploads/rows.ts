import type { Upload } from '../../../../src/schemas/uploads.ts'
import { hasEnded, knownUploads, peekProgress } from '../../live/store.ts'
import { isSettled } from '../../upload/item.ts'
import { type HandOverItem, items } from '../../upload/queue.ts'

/** One file on its way: handed over here, or heard of from the server (another tab, or before a reload). */
export interface Row {
  readonly key: string
  readonly item: HandOverItem | undefined
  /** Of a row without an item. */
  readonly uploadId: string | undefined
}

export type Phase = 'active' | 'waiting' | 'trouble' | 'done'

export interface Rows {
  /** What happens now first, what is finished last. */
  readonly sorted: readonly Row[]
  readonly counts: Readonly<Record<Phase, number>>
  readonly phases: ReadonlyMap<Row, Phase>
  /** Whether rows will change their places though nothing happens. */
  readonly isSettling: boolean
}

/** What follows after what happens now. */
const AFTER: readonly Phase[] = ['trouble', 'waiting', 'done']

/** A row that has just ended stays where it is for a moment: its caption is what one was waiting for. */
const LINGER_MS = 6000

/** When rows that were seen being developed were seen ended. */
const endedAt = new WeakMap<Row, number>()
const seenActive = new WeakSet<Row>()

const rowOfItem = new WeakMap<HandOverItem, Row>()
const rowOfUpload = new Map<string, Row>()

/**
 * All rows as they are now. Reads without subscribing: it is called every now and then, not at every byte.
 * @param earlier what the server had before this page was opened
 */
export function readRows(earlier: readonly Upload[]): Rows {
  const groups: Record<Phase, Row[]> = { active: [], waiting: [], trouble: [], done: [] }
  const counts = { active: 0, waiting: 0, trouble: 0, done: 0 }
  const phases = new Map<Row, Phase>()
  const handedOver = new Set<string>()
  const underWay = new Set<string>()
  const groupEarlier: [Row, Phase][] = []
  const lingering: Row[] = []
  const put = (row: Row, phase: Phase) => {
    counts[phase] += 1
    phases.set(row, phase)
    if (lingers(row, phase)) lingering.push(row)
    else groups[phase].push(row)
  }
  for (const item of items.peek()) {
    const state = item.state.peek()
    if ('uploadId' in state) handedOver.add(state.uploadId)
    if (!isSettled(state)) underWay.add(markOf(item.name, item.sizeBytes))
    put(rowFor(item), phaseOfItem(item))
  }
  for (const id of knownUploads.peek()) {
    const progress = peekProgress(id)
    if (progress === undefined || handedOver.has(id)) continue
    // Told of already, though its request is not answered: it has a row.
    if (!underWay.has(markOf(progress.file_name, progress.file_size))) put(rowForUpload(id), phaseOfUpload(id))
  }
  for (const { id, status } of earlier) {
    if (!handedOver.has(id) && peekProgress(id) === undefined) {
      groupEarlier.push([rowForUpload(id), status === 'failed' ? 'trouble' : 'done'])
    }
  }
  // What ended last is what one wants to see first.
  groups.done.reverse()
  for (const [row, phase] of groupEarlier) put(row, phase)
  return {
    sorted: [...groups.active, ...newestEndFirst(lingering), ...AFTER.flatMap((phase) => groups[phase])],
    counts,
    phases,
    isSettling: lingering.length > 0,
  }
}

function markOf(name: string, sizeBytes: number): string {
  return `${sizeBytes} ${name}`
}

function lingers(row: Row, phase: Phase): boolean {
  if (phase === 'active') seenActive.add(row)
  if (phase !== 'done' || !seenActive.has(row)) return false
  const at = endedAt.get(row) ?? Date.now()
  endedAt.set(row, at)
  return Date.now() - at < LINGER_MS
}

function newestEndFirst(rows: Row[]): Row[] {
  return rows.sort((a, b) => (endedAt.get(b) ?? 0) - (endedAt.get(a) ?? 0))
}

function phaseOfItem({ state }: HandOverItem): Phase {
  const now = state.peek()
  switch (now.step) {
    case 'waiting':
      return 'waiting'
    case 'sending':
      return 'active'
    case 'refused':
      return 'trouble'
    case 'cancelled':
      return 'done'
    default:
      return phaseOfUpload(now.uploadId)
  }
}

function phaseOfUpload(id: string): Phase {
  const progress = peekProgress(id)
  if (progress?.status === 'failed') return 'trouble'
  if (progress === undefined || hasEnded(progress)) return 'done'
  return progress.stage === 'queued' ? 'waiting' : 'active'
}

function rowFor(item: HandOverItem): Row {
  const known = rowOfItem.get(item)
  if (known) return known
  const row: Row = { key: `item ${item.key}`, item, uploadId: undefined }
  rowOfItem.set(item, row)
  return row
}

function rowForUpload(id: string): Row {
  const known = rowOfUpload.get(id)
  if (known) return known
  const row: Row = { key: id, item: undefined, uploadId: id }
  rowOfUpload.set(id, row)
  return row
}
