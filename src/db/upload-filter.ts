import type { Orientation, StatusFilter } from '../schemas/filters.ts'
import type { FileType } from '../schemas/uploads.ts'
import type { Sql } from './client.ts'

/** A point with a radius. */
export interface NearPlace {
  latitude: number
  longitude: number
  radiusKm: number
}

/** In degrees. `west` is greater than `east` for a box over the date line. */
export interface BoxPlace {
  west: number
  south: number
  east: number
  north: number
}

/** What narrows uploads down. All that is given must hold; times are from the first moment up to, without, the second. */
export interface UploadConditions {
  fileType?: FileType | undefined
  status?: StatusFilter | undefined
  takenAfter?: Date | undefined
  takenBefore?: Date | undefined
  uploadedAfter?: Date | undefined
  uploadedBefore?: Date | undefined
  batchId?: string | undefined
  near?: NearPlace | undefined
  box?: BoxPlace | undefined
  camera?: string | undefined
  durationMinSeconds?: number | undefined
  durationMaxSeconds?: number | undefined
  sizeMinBytes?: number | undefined
  sizeMaxBytes?: number | undefined
  orientation?: Orientation | undefined
  hasText?: boolean | undefined
  showHidden?: boolean | undefined
  /** Only the hidden ones; says more than `showHidden`. */
  onlyHidden?: boolean | undefined
}

/** Kilometres; the mean radius of the earth (IUGG). */
const EARTH_RADIUS_KM = 6371.0088
const KM_PER_DEGREE = (EARTH_RADIUS_KM * Math.PI) / 180

/**
 * One condition on uploads as `u`: of this user, not in the trash, and all that the filter asks. The times are written
 * as the indexes of `uploads` have them.
 */
export function uploadFilter(sql: Sql, userId: string, filter: UploadConditions = {}) {
  const taken = sql`coalesce(u.taken_at, u.created_at)`
  const { fileType, status, takenAfter, takenBefore, uploadedAfter, uploadedBefore, batchId, near, box } = filter
  const { camera, durationMinSeconds, durationMaxSeconds, sizeMinBytes, sizeMaxBytes, orientation, hasText } = filter
  const hidden = filter.onlyHidden ? sql`and u.hidden` : filter.showHidden ? sql`` : sql`and not u.hidden`
  return sql`
    u.user_id = ${userId} and u.trashed_at is null ${hidden}
    ${fileType === undefined ? sql`` : sql`and u.file_type = ${fileType}`}
    ${status === undefined ? sql`` : sql`and ${hasStatus(sql, status)}`}
    ${takenAfter === undefined ? sql`` : sql`and ${taken} >= ${takenAfter}`}
    ${takenBefore === undefined ? sql`` : sql`and ${taken} < ${takenBefore}`}
    ${uploadedAfter === undefined ? sql`` : sql`and u.created_at >= ${uploadedAfter}`}
    ${uploadedBefore === undefined ? sql`` : sql`and u.created_at < ${uploadedBefore}`}
    ${batchId === undefined ? sql`` : sql`and u.id in (select upload_id from batch_items where batch_id = ${batchId})`}
    ${near === undefined ? sql`` : sql`and ${isNear(sql, near)}`}
    ${box === undefined ? sql`` : sql`and ${isInside(sql, box)}`}
    ${camera === undefined ? sql`` : sql`and u.camera ilike ${`%${escapeLike(camera)}%`}`}
    ${durationMinSeconds === undefined ? sql`` : sql`and u.duration_seconds >= ${durationMinSeconds}`}
    ${durationMaxSeconds === undefined ? sql`` : sql`and u.duration_seconds <= ${durationMaxSeconds}`}
    ${sizeMinBytes === undefined ? sql`` : sql`and u.file_size >= ${sizeMinBytes}`}
    ${sizeMaxBytes === undefined ? sql`` : sql`and u.file_size <= ${sizeMaxBytes}`}
    ${orientation === undefined ? sql`` : sql`and ${isOriented(sql, orientation)}`}
    ${hasText === undefined ? sql`` : sql`and (coalesce(u.ocr_text, '') <> '') = ${hasText}`}`
}

/** A pattern of `like` in which nothing is special. */
export function escapeLike(text: string): string {
  return text.replace(/[\\%_]/g, '\\$&')
}

/** Written as the index of what is unfinished has it. */
function hasStatus(sql: Sql, status: StatusFilter) {
  return status === 'unfinished' ? sql`u.status in ('pending', 'analyzing', 'embedding')` : sql`u.status = ${status}`
}

function isOriented(sql: Sql, orientation: Orientation) {
  if (orientation === 'landscape') return sql`u.width > u.height`
  return orientation === 'portrait' ? sql`u.width < u.height` : sql`u.width = u.height`
}

function isInside(sql: Sql, { west, south, east, north }: BoxPlace) {
  const between = west <= east ? sql`between ${west} and ${east}` : sql`not between ${east} and ${west}`
  return sql`u.latitude between ${south} and ${north} and u.longitude ${between}`
}

/** Haversine, after a band of latitudes that an index can find. `least` keeps rounding from leaving asin's domain. */
function isNear(sql: Sql, { latitude, longitude, radiusKm }: NearPlace) {
  const band = radiusKm / KM_PER_DEGREE
  return sql`
    u.latitude between ${latitude - band} and ${latitude + band}
    and ${2 * EARTH_RADIUS_KM} * asin(least(1, sqrt(
      power(sin(radians(u.latitude - ${latitude}::float8) / 2), 2)
      + cos(radians(${latitude}::float8)) * cos(radians(u.latitude)) * power(sin(radians(u.longitude - ${longitude}::float8) / 2), 2)
    ))) <= ${radiusKm}`
}
