import type { BoxPlace, NearPlace, UploadConditions } from '../db/upload-filter.ts'
import type { WordScope } from '../db/upload-scope.ts'
import { AppError } from '../errors.ts'
import type { AlbumRule } from '../schemas/albums.ts'
import type { UploadFilter } from '../schemas/filters.ts'
import { parseMoment } from './moments.ts'
import { parseQuery } from './query-language/parse.ts'
import { readPlace } from './query-language/values.ts'

/**
 * A filter as the API takes it, read into conditions.
 * @throws AppError VALIDATION_FAILED naming the field
 */
export function readFilter(filter: UploadFilter): UploadConditions {
  return {
    fileType: filter.file_type,
    status: filter.processing_status,
    takenAfter: parseMoment('taken_after', filter.taken_after),
    takenBefore: parseMoment('taken_before', filter.taken_before),
    uploadedAfter: parseMoment('uploaded_after', filter.uploaded_after),
    uploadedBefore: parseMoment('uploaded_before', filter.uploaded_before),
    batchId: filter.batch_id,
    near: filter.near === undefined ? undefined : readNear(filter.near),
    box: filter.box === undefined ? undefined : readBox(filter.box),
    camera: filter.camera,
    durationMinSeconds: filter.duration_min,
    durationMaxSeconds: filter.duration_max,
    sizeMinBytes: filter.size_min,
    sizeMaxBytes: filter.size_max,
    orientation: filter.orientation,
    hasText: filter.has_text,
    showHidden: filter.show_hidden,
  }
}

/**
 * The rule of an album, read. Words and operators decide as in a search; without a query, its filters alone.
 * @throws AppError QUERY_INVALID with the place, VALIDATION_FAILED naming the field
 */
export function readRule(userId: string, { query, ...filter }: AlbumRule): WordScope {
  if (query === undefined) return { userId, conditions: [readFilter(filter)] }
  const { text, phrases, excluded, conditions } = parseQuery(query)
  return {
    userId,
    conditions: [readFilter(filter), ...conditions],
    words: text,
    phrases,
    excluded,
    developed: true,
  }
}

function readNear(text: string): NearPlace {
  const near = readPlace(text)
  if (near) return near
  const detail = `Expected latitude,longitude,kilometres for near but received ${JSON.stringify(text)}.`
  throw new AppError('VALIDATION_FAILED', { detail })
}

function readBox(text: string): BoxPlace {
  const [west = Number.NaN, south = Number.NaN, east = Number.NaN, north = Number.NaN] = text.split(',').map(Number)
  if (isLongitude(west) && isLongitude(east) && isLatitude(south) && isLatitude(north) && south <= north) {
    return { west, south, east, north }
  }
  const detail = `Expected west,south,east,north in degrees for box but received ${JSON.stringify(text)}.`
  throw new AppError('VALIDATION_FAILED', { detail })
}

const isLatitude = (degrees: number) => Math.abs(degrees) <= 90
const isLongitude = (degrees: number) => Math.abs(degrees) <= 180
