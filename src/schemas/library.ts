import { type Static, Type } from 'typebox'
import { CursorSchema, LimitSchema, TimestampSchema } from './fields.ts'
import { uploadFilterFields } from './filters.ts'
import { FILE_TYPES, UPLOAD_SORTS, UPLOAD_STATUSES } from './uploads.ts'

export const UploadListQuerySchema = Type.Object({
  ...uploadFilterFields,
  date_from: Type.Optional({ ...TimestampSchema, description: 'The same as `taken_after`.' }),
  date_to: Type.Optional({ ...TimestampSchema, description: 'The same as `taken_before`.' }),
  sort: Type.Optional(Type.Enum(UPLOAD_SORTS, { default: '-created_at' })),
  limit: LimitSchema,
  cursor: CursorSchema,
})
export type UploadListQuery = Static<typeof UploadListQuerySchema>

export const TimelineQuerySchema = Type.Object({
  by: Type.Optional(
    Type.Enum(['taken', 'created'] as const, {
      default: 'taken',
      description: 'When it was taken (uploaded, where that is unknown), or when it was uploaded.',
    }),
  ),
  ...uploadFilterFields,
})
export type TimelineQuery = Static<typeof TimelineQuerySchema>

const CountSchema = Type.Integer({ minimum: 1 })

export const TimelineSchema = Type.Object({
  total: Type.Integer({ minimum: 0 }),
  months: Type.Array(Type.Object({ month: Type.String({ description: '`2024-07`, in UTC.' }), count: CountSchema }), {
    description: 'The newest first; months with nothing are left out.',
  }),
  statuses: Type.Partial(Type.Record(Type.Enum(UPLOAD_STATUSES), CountSchema)),
  file_types: Type.Partial(Type.Record(Type.Enum(FILE_TYPES), CountSchema)),
})
export type Timeline = Static<typeof TimelineSchema>
