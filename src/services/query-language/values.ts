import type { NearPlace } from '../../db/upload-filter.ts'

/** Readers of the values of fields. Each gives undefined for what it cannot read. */

const DATE = /^(\d{4})(?:-(\d\d?))?(?:-(\d\d?))?$/

/** The first moment, in UTC, of a year, a month or a day: `2024`, `2024-06`, `2024-06-05`. */
export function readDate(text: string): Date | undefined {
  const [, year, month = '1', day = '1'] = DATE.exec(text) ?? []
  if (year === undefined || Number(year) === 0) return undefined
  // Set by hand: Date.UTC takes the years 0 to 99 for 1900 to 1999.
  const date = new Date(0)
  date.setUTCFullYear(Number(year), Number(month) - 1, Number(day))
  return date.getUTCMonth() === Number(month) - 1 && date.getUTCDate() === Number(day) ? date : undefined
}

const BYTES: Readonly<Record<string, number>> = { b: 1, kb: 1e3, mb: 1e6, gb: 1e9 }

/** Bytes out of `500`, `500kb`, `1.5mb`, `2gb`; thousands, as shops and file managers count. */
export function readSize(text: string): number | undefined {
  const [, amount, unit = 'b'] = /^(\d{1,9}(?:\.\d{1,3})?)(b|kb|mb|gb)?$/i.exec(text) ?? []
  return amount === undefined ? undefined : Math.round(Number(amount) * (BYTES[unit.toLowerCase()] ?? 1))
}

const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600 }

/** Seconds out of `90`, `90s`, `1.5m`, `2h`. */
export function readDuration(text: string): number | undefined {
  const [, amount, unit = 's'] = /^(\d{1,6}(?:\.\d{1,3})?)([smh])?$/i.exec(text) ?? []
  return amount === undefined ? undefined : Number(amount) * (SECONDS[unit.toLowerCase()] ?? 1)
}

/** A walk around a place, when nobody says how far. */
const RADIUS_DEFAULT_KM = 10
/** Half of the earth's circumference: no place is farther than that from another. */
const RADIUS_MAX_KM = 20_038

/** `latitude,longitude` or `latitude,longitude,kilometres`. */
export function readPlace(text: string): NearPlace | undefined {
  if (!/^-?\d{1,3}(\.\d{1,12})?(,-?\d{1,3}(\.\d{1,12})?)(,\d{1,5}(\.\d{1,3})?)?$/.test(text)) return undefined
  const [latitude = Number.NaN, longitude = Number.NaN, radiusKm = RADIUS_DEFAULT_KM] = text.split(',').map(Number)
  const exists = Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180 && radiusKm > 0 && radiusKm <= RADIUS_MAX_KM
  return exists ? { latitude, longitude, radiusKm } : undefined
}
