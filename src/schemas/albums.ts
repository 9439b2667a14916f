import { type Static, Type } from 'typebox'
import { CursorSchema, IdSchema, LimitSchema, Nullable, TimestampSchema } from './fields.ts'
import { UploadFilterSchema } from './filters.ts'
import { BulkIdsSchema, UploadSchema } from './uploads.ts'

const strict = { additionalProperties: false }

// No control characters: a NUL cannot be stored, the others only confuse.
const NameSchema = Type.String({ minLength: 1, maxLength: 200, pattern: '^[^\\u0000-\\u001f\\u007f]*$' })

export const AlbumSchema = Type.Object(
  {
    id: IdSchema,
    name: Type.String(),
    rule: Nullable(UploadFilterSchema),
    count: Type.Integer({ description: 'Uploads in it that are neither hidden nor in the trash.' }),
    cover_id: Nullable({ ...IdSchema, description: 'The chosen upload, or else the first one.' }),
    created_at: TimestampSchema,
    updated_at: TimestampSchema,
  },
  { $id: 'Album' },
)
export type Album = Static<typeof AlbumSchema>

export const NewAlbumSchema = Type.Object(
  {
    name: NameSchema,
    rule: Type.Optional({
      ...UploadFilterSchema,
      description: 'What is in it is what this filter finds. Without a rule, what is added by hand.',
    }),
  },
  strict,
)
export type NewAlbumRequest = Static<typeof NewAlbumSchema>

export const AlbumPatchSchema = Type.Object(
  {
    name: Type.Optional(NameSchema),
    rule: Type.Optional(UploadFilterSchema),
    cover_id: Type.Optional(Nullable(IdSchema)),
  },
  { ...strict, minProperties: 1 },
)
export type AlbumPatch = Static<typeof AlbumPatchSchema>

export const AlbumListSchema = Type.Object({ items: Type.Array(AlbumSchema), next_cursor: Nullable(Type.String()) })

export const AlbumUploadsSchema = Type.Object({ upload_ids: BulkIdsSchema }, strict)

export const AlbumPageQuerySchema = Type.Object({ limit: LimitSchema, cursor: CursorSchema })
export type AlbumPageQuery = Static<typeof AlbumPageQuerySchema>

export const AlbumMembersSchema = Type.Object({ items: Type.Array(UploadSchema), next_cursor: Nullable(Type.String()) })
export type AlbumMembers = Static<typeof AlbumMembersSchema>
