import { AppError } from '../errors.ts'

const FIRST = Date.UTC(1, 0, 1)
const LAST = Date.UTC(9999, 11, 31, 23, 59, 59, 999)

/**
 * The moment a client named. RFC 3339 allows what no calendar has (a leap second) and years that a Date or the database
 * cannot hold once the offset is applied.
 * @throws AppError VALIDATION_FAILED naming the field
 */
export function parseMoment(field: string, text: string | undefined): Date | undefined {
  if (text === undefined) return undefined
  const moment = new Date(text)
  if (moment.getTime() >= FIRST && moment.getTime() <= LAST) return moment
  throw new AppError('VALIDATION_FAILED', { detail: `Expected a moment between the years 1 and 9999 for ${field}.` })
}
