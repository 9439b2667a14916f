/** Figures as people read them, in the language of their browser. */

const count = new Intl.NumberFormat()
const oneDigit = new Intl.NumberFormat(undefined, { maximumFractionDigits: 1 })
const moment = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' })
const day = new Intl.DateTimeFormat(undefined, { dateStyle: 'full' })

const UNITS = ['bytes', 'kB', 'MB', 'GB', 'TB'] as const

/** `12,345` */
export const formatCount = (value: number) => count.format(value)

/** `1.4 MB`, in thousands. */
export function formatBytes(bytes: number): string {
  const power = bytes < 1000 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log10(bytes) / 3))
  return `${oneDigit.format(bytes / 1000 ** power)} ${UNITS[power]}`
}

/** `1:05` or `1:02:05`, as players show it. */
export function formatDuration(seconds: number): string {
  const whole = Math.round(seconds)
  const two = (value: number) => String(value).padStart(2, '0')
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60)]
  return hours > 0 ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`
}

/** `about 3 minutes`: as exact as an estimate can be. */
export function formatTimeLeft(seconds: number): string {
  if (seconds < 10) return 'a few seconds'
  if (seconds < 45) return `about ${Math.round(seconds / 10) * 10} seconds`
  if (seconds < 90) return 'about a minute'
  if (seconds < 90 * 60) return `about ${Math.round(seconds / 60)} minutes`
  if (seconds < 36 * 3600) return `about ${Math.round(seconds / 3600)} hours`
  return `about ${Math.round(seconds / 86_400)} days`
}

/** `Nov 22, 2026, 9:12 AM` */
export const formatMoment = (time: string) => moment.format(new Date(time))

/** `Sunday, November 22, 2026` */
export const formatDay = (time: string) => day.format(new Date(time))

/** `1 file`, `3 files` */
export function plural(value: number, one: string, many = `${one}s`): string {
  return `${formatCount(value)} ${value === 1 ? one : many}`
}

/** `About 3 minutes`, for the start of a sentence. */
export const capital = (words: string) => words.slice(0, 1).toUpperCase() + words.slice(1)
