import { type Static, Type } from 'typebox'
import { CursorSchema, IdSchema, LimitSchema, Nullable, TimestampSchema } from './fields.ts'
import { uploadFilterFields } from './filters.ts'
import { QuerySchema } from './search.ts'
import { BulkIdsSchema, UploadSchema } from './uploads.ts'

const strict = { additionalProperties: false }

// No control characters: a NUL cannot be stored, the others only confuse.
const NameSchema = Type.String({ minLength: 1, maxLength: 200, pattern: '^[^\\u0000-\\u001f\\u007f]*$' })

export const AlbumRuleSchema = Type.Object(
  {
    query: Type.Optional({
      ...QuerySchema,
      description:
        'As in a search, but every word must be there: meaning does not decide. With a query, only what is developed.',
    }),
    ...uploadFilterFields,
  },
  { ...strict, description: 'What is in the album is what all of this finds.' },
)
export type AlbumRule = Static<typeof AlbumRuleSchema>

export const AlbumSchema = Type.Object(
  {
    id: IdSchema,
    name: Type.String(),
    rule: Nullable(AlbumRuleSchema),
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
      ...AlbumRuleSchema,
      description: 'What is in it is what all of this finds. Without a rule, what is added by hand.',
    }),
    search_id: Type.Optional({
      ...IdSchema,
      description: 'A kept search, whose query and filter become the rule. What it is changed to later does not count.',
    }),
  },
  strict,
)
export type NewAlbumRequest = Static<typeof NewAlbumSchema>

export const AlbumPatchSchema = Type.Object(
  {
    name: Type.Optional(NameSchema),
    rule: Type.Optional(AlbumRuleSchema),
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
