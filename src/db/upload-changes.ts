import type { Sql, TransactionSql } from './client.ts'

/** A thing in the picture; the box is left, top, right, bottom as fractions. */
export interface SeenObject {
  readonly label: string
  readonly score: number
  readonly box: readonly [number, number, number, number]
}

/** What the stages find out. A column that is not named keeps its value. */
export interface UploadChanges {
  width?: number
  height?: number
  durationSeconds?: number | null
  takenAt?: Date | null
  latitude?: number | null
  longitude?: number | null
  camera?: string | null
  metadata?: Readonly<Record<string, unknown>>
  thumbhash?: string
  hasRenditions?: boolean
  renditionsSize?: number
  /** Decimal text of a signed 64-bit integer. */
  perceptualHash?: string
  description?: string
  ocrText?: string
  descriptionAuditScore?: number
  /** Fingerprint of the captioner. */
  describedBy?: string
  objects?: readonly SeenObject[]
  frames?: readonly unknown[]
}

const JSON_COLUMNS = new Set(['metadata', 'objects', 'frames'])

/** Columns that the owner may have edited: what is found goes beside the owner's value and never over it. */
const EDITABLE = new Set(['description', 'takenAt', 'latitude', 'longitude'])

/** The assignments for what the owner may have edited, each after a comma. */
export function besideEdits(tx: Sql | TransactionSql, { description, takenAt, latitude, longitude }: UploadChanges) {
  return tx`
    ${
      description === undefined
        ? tx``
        : tx`, description = case when description_edited then description else ${description} end,
          found_description = case when description_edited then ${description} end`
    }
    ${
      takenAt === undefined
        ? tx``
        : tx`, taken_at = case when taken_at_edited then taken_at else ${takenAt} end,
          found_taken_at = case when taken_at_edited then ${takenAt}::timestamptz end`
    }
    ${
      latitude === undefined || longitude === undefined
        ? tx``
        : tx`, latitude = case when place_edited then latitude else ${latitude} end,
          longitude = case when place_edited then longitude else ${longitude} end,
          found_latitude = case when place_edited then ${latitude}::float8 end,
          found_longitude = case when place_edited then ${longitude}::float8 end`
    }`
}

/** The other columns. */
export function toColumns(tx: Sql | TransactionSql, changes: UploadChanges) {
  const entries = Object.entries(changes).filter(([name, value]) => value !== undefined && !EDITABLE.has(name))
  return Object.fromEntries(entries.map(([name, value]) => [name, JSON_COLUMNS.has(name) ? tx.json(value) : value]))
}
