import type { ProgressStage, Upload } from '../../../../src/schemas/uploads.ts'

/** What is shown of uploads in words. Days are of UTC, like the months of the timeline. */

const utc = { timeZone: 'UTC' } as const
const dayThisYear = new Intl.DateTimeFormat(undefined, { ...utc, weekday: 'short', day: 'numeric', month: 'long' })
const dayOtherYear = new Intl.DateTimeFormat(undefined, {
  ...utc,
  weekday: 'short',
  day: 'numeric',
  month: 'long',
  year: 'numeric',
})
const shortDay = new Intl.DateTimeFormat(undefined, { ...utc, day: 'numeric', month: 'short' })
const shortDayOfYear = new Intl.DateTimeFormat(undefined, { ...utc, day: 'numeric', month: 'short', year: 'numeric' })
const month = new Intl.DateTimeFormat(undefined, { ...utc, month: 'long', year: 'numeric' })
const moment = new Intl.DateTimeFormat(undefined, { ...utc, dateStyle: 'full', timeStyle: 'short' })

/** @param day `2024-07-30` @param isNarrow there is room for a few letters only */
export function dayLabel(day: string, isNarrow: boolean): string {
  const date = new Date(`${day}T00:00:00Z`)
  const isThisYear = date.getUTCFullYear() === new Date().getUTCFullYear()
  const format = isNarrow ? (isThisYear ? shortDay : shortDayOfYear) : isThisYear ? dayThisYear : dayOtherYear
  return format.format(date)
}

/** @param key `2024-07` */
export function monthLabel(key: string): string {
  return month.format(new Date(`${key}-01T00:00:00Z`))
}

export function momentLabel(time: string): string {
  return moment.format(new Date(time))
}

/** `1:05`, `1:02:09`. */
export function durationLabel(seconds: number): string {
  const whole = Math.round(seconds)
  const parts = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60]
  const shown = parts[0] === 0 ? parts.slice(1) : parts
  return shown.map((part, index) => (index === 0 ? String(part) : String(part).padStart(2, '0'))).join(':')
}

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'] as const

export function sizeLabel(bytes: number): string {
  const step = Math.min(UNITS.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3))
  const value = bytes / 1000 ** step
  return `${value.toLocaleString(undefined, { maximumFractionDigits: value < 10 && step > 0 ? 1 : 0 })} ${UNITS[step]}`
}

/** `1 upload`, `12,000 uploads`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString()} ${count === 1 ? one : many}`
}

export const STAGE_WORDS: Record<ProgressStage, string> = {
  queued: 'Waiting',
  probing: 'Reading the file',
  thumbnail: 'Making the thumbnail',
  extracting_frames: 'Taking frames',
  vision_analysis: 'Looking at it',
  description_audit: 'Checking the description',
  embedding_generation: 'Learning what it means',
  indexing: 'Indexing',
  completed: 'Done',
  failed: 'Failed',
}

/** For those who hear the grid. Where there is no picture its name is written, and who speaks to the page says that. */
export function spokenLabel(upload: Upload): string {
  const kind = upload.file_type === 'video' ? 'Video' : 'Photo'
  const what = upload.links.thumbnail === null ? upload.filename : (upload.description ?? upload.filename)
  return `${kind}, ${shortDayOfYear.format(new Date(upload.taken_at ?? upload.created_at))}: ${what}`
}

export function isFinished(upload: Upload): boolean {
  return upload.status === 'completed' || upload.status === 'failed'
}
