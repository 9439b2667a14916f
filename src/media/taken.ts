/** Before the first photograph, and beyond four digits, a date is a mistake of the camera. */
const FIRST_YEAR = 1826
const LAST_YEAR = 9999

/** The date, in UTC and so after any offset, unless it is none that a photo can have. */
export function plausibleDate(date: unknown): Date | undefined {
  if (!(date instanceof Date) || Number.isNaN(date.getTime())) return undefined
  const year = date.getUTCFullYear()
  return year >= FIRST_YEAR && year <= LAST_YEAR ? date : undefined
}

export interface Place {
  readonly latitude: number
  readonly longitude: number
}

/** A place on the earth, or undefined. Exactly 0, 0 is what devices write that had no fix. */
export function plausiblePlace(latitude: number, longitude: number): Place | undefined {
  if (!(Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180)) return undefined
  return latitude === 0 && longitude === 0 ? undefined : { latitude, longitude }
}
