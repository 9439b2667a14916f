import { type Static, Type } from 'typebox'
import { IdSchema, TimestampSchema } from './fields.ts'
import { FILE_TYPES, UPLOAD_STATUSES } from './uploads.ts'

export const ORIENTATIONS = ['landscape', 'portrait', 'square'] as const
export type Orientation = (typeof ORIENTATIONS)[number]

/** What a filter may ask of the status: one of them, or all that come before the end. */
const STATUS_FILTERS = [...UPLOAD_STATUSES, 'unfinished'] as const
export type StatusFilter = (typeof STATUS_FILTERS)[number]

const NUMBER = '-?\\d{1,5}(\\.\\d{1,12})?'

/**
 * What narrows uploads down, in lists and in searches alike. Flat, so that it fits into a query string as well as into
 * a body. All that is given must hold; `taken` means handed over where nobody knows when it was taken.
 */
export const uploadFilterFields = {
  file_type: Type.Optional(Type.Enum(FILE_TYPES)),
  processing_status: Type.Optional(
    Type.Enum(STATUS_FILTERS, { description: '`unfinished`: what waits or is being developed.' }),
  ),
  taken_after: Type.Optional({
    ...TimestampSchema,
    description: 'Taken (or, when unknown, uploaded) at or after this moment.',
  }),
  taken_before: Type.Optional({
    ...TimestampSchema,
    description: 'Taken (or, when unknown, uploaded) before this moment.',
  }),
  uploaded_after: Type.Optional({ ...TimestampSchema, description: 'Uploaded at or after this moment.' }),
  uploaded_before: Type.Optional({ ...TimestampSchema, description: 'Uploaded before this moment.' }),
  batch_id: Type.Optional({ ...IdSchema, description: 'Handed over with this batch.' }),
  near: Type.Optional(
    Type.String({
      pattern: `^${NUMBER},${NUMBER},${NUMBER}$`,
      description: 'Taken around a place: `latitude,longitude,kilometres`.',
    }),
  ),
  box: Type.Optional(
    Type.String({
      pattern: `^${NUMBER},${NUMBER},${NUMBER},${NUMBER}$`,
      description: 'Taken inside `west,south,east,north` in degrees, as in GeoJSON; west may lie beyond the date line.',
    }),
  ),
  camera: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 100,
      pattern: '^[^\\u0000]*$',
      description: 'A part of the name of the camera, in any case.',
    }),
  ),
  duration_min: Type.Optional(Type.Number({ minimum: 0, maximum: 1e9, description: 'Seconds; videos only.' })),
  duration_max: Type.Optional(Type.Number({ minimum: 0, maximum: 1e9, description: 'Seconds; videos only.' })),
  size_min: Type.Optional(Type.Integer({ minimum: 0, maximum: 1e15, description: 'Bytes.' })),
  size_max: Type.Optional(Type.Integer({ minimum: 0, maximum: 1e15, description: 'Bytes.' })),
  orientation: Type.Optional(Type.Enum(ORIENTATIONS)),
  has_text: Type.Optional(Type.Boolean({ description: 'Whether text was read in the picture.' })),
  show_hidden: Type.Optional(Type.Boolean({ default: false, description: '`true`: the hidden ones too.' })),
}

export const UploadFilterSchema = Type.Object(uploadFilterFields, { additionalProperties: false })
export type UploadFilter = Static<typeof UploadFilterSchema>
