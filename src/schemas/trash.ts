import { type Static, Type } from 'typebox'
import { Nullable, TimestampSchema } from './fields.ts'
import { UploadSchema } from './uploads.ts'

export const TrashListSchema = Type.Object({
  items: Type.Array(
    Type.Object({
      upload: UploadSchema,
      trashed_at: TimestampSchema,
      expires_at: { ...TimestampSchema, description: 'When it is removed for good.' },
    }),
  ),
  next_cursor: Nullable(Type.String()),
})
export type TrashList = Static<typeof TrashListSchema>

export const DeleteQuerySchema = Type.Object({
  permanent: Type.Optional(Type.Boolean({ default: false, description: '`true`: past the trash, for good.' })),
})

export const EmptiedSchema = Type.Object({ removed: Type.Integer({ description: 'Uploads removed for good.' }) })
