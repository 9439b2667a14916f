import type { BoxPlace, NearPlace, UploadConditions } from '../db/upload-filter.ts'
import { AppError } from '../errors.ts'
import type { UploadFilter } from '../schemas/filters.ts'
import { parseMoment } from './moments.ts'
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
