import type { StatusFilter, UploadFilter } from '../../../../src/schemas/filters.ts'
import type { FileType, Upload } from '../../../../src/schemas/uploads.ts'
import { type TimelineBy, timeOf } from '../../parts/grid/timeline-source.ts'
import { isFinished } from '../../parts/grid/words.ts'

/** What the chips say; it stands in the address, so that it can be kept, sent, and gone back to. */
export interface PhotoFilter {
  readonly type: FileType | undefined
  readonly status: StatusChoice | undefined
  /** `2024-07` */
  readonly month: string | undefined
  readonly by: TimelineBy
  readonly showHidden: boolean
}

/** What develops is chosen as one: each of its statuses is short-lived. */
const STATUS_CHOICES = ['unfinished', 'completed', 'failed'] as const satisfies readonly StatusFilter[]
export type StatusChoice = (typeof STATUS_CHOICES)[number]

const MONTH = /^\d{4}-(0[1-9]|1[0-2])$/

export function readFilter(query: URLSearchParams): PhotoFilter {
  const type = query.get('type')
  const status = STATUS_CHOICES.find((choice) => choice === query.get('status'))
  const month = query.get('month')
  return {
    type: type === 'image' || type === 'video' ? type : undefined,
    status,
    month: month !== null && MONTH.test(month) ? month : undefined,
    by: query.get('by') === 'uploaded' ? 'created' : 'taken',
    showHidden: query.get('hidden') === 'shown',
  }
}

export function toAddress({ type, status, month, by, showHidden }: PhotoFilter): string {
  const query = new URLSearchParams()
  if (type) query.set('type', type)
  if (status) query.set('status', status)
  if (month) query.set('month', month)
  if (by === 'created') query.set('by', 'uploaded')
  if (showHidden) query.set('hidden', 'shown')
  const text = query.toString()
  return text === '' ? '/' : `/?${text}`
}

/** As the API takes it. */
export function toUploadFilter({ type, status, month, by, showHidden }: PhotoFilter): UploadFilter {
  return {
    ...(type ? { file_type: type } : {}),
    ...(status ? { processing_status: status } : {}),
    ...(month ? monthFilter(month, by) : {}),
    ...(showHidden ? { show_hidden: true } : {}),
  }
}

function monthFilter(month: string, by: TimelineBy): UploadFilter {
  const [year = 0, number = 1] = month.split('-').map(Number)
  const from = new Date(Date.UTC(year, number - 1)).toISOString()
  const to = new Date(Date.UTC(year, number)).toISOString()
  return by === 'taken' ? { taken_after: from, taken_before: to } : { uploaded_after: from, uploaded_before: to }
}

/** The same for an upload that has just come. */
export function shows({ type, status, month, by, showHidden }: PhotoFilter, upload: Upload): boolean {
  if (type && upload.file_type !== type) return false
  if (status && (status === 'unfinished' ? isFinished(upload) : upload.status !== status)) return false
  if (upload.hidden && !showHidden) return false
  return !month || new Date(timeOf(upload, by)).toISOString().startsWith(month)
}
