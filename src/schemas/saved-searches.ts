import { type Static, Type } from 'typebox'
import { CursorSchema, IdSchema, TimestampSchema } from './fields.ts'
import { UploadFilterSchema } from './filters.ts'
import { HitLimitSchema, QuerySchema } from './search.ts'

const NameSchema = Type.String({ minLength: 1, maxLength: 100, pattern: '^[^\\u0000]*$' })

export const SavedSearchSchema = Type.Object(
  {
    id: IdSchema,
    name: Type.String(),
    query: Type.String(),
    filter: UploadFilterSchema,
    created_at: TimestampSchema,
    updated_at: TimestampSchema,
  },
  { $id: 'SavedSearch' },
)
export type SavedSearch = Static<typeof SavedSearchSchema>

export const SavedSearchListSchema = Type.Object({ items: Type.Array(SavedSearchSchema) })

export const NewSavedSearchSchema = Type.Object(
  { name: NameSchema, query: QuerySchema, filter: Type.Optional(UploadFilterSchema) },
  { additionalProperties: false },
)
export type NewSavedSearch = Static<typeof NewSavedSearchSchema>

export const SavedSearchPatchSchema = Type.Object(
  { name: Type.Optional(NameSchema), query: Type.Optional(QuerySchema), filter: Type.Optional(UploadFilterSchema) },
  { additionalProperties: false, minProperties: 1 },
)
export type SavedSearchPatch = Static<typeof SavedSearchPatchSchema>

export const SavedSearchRunSchema = Type.Object(
  { limit: HitLimitSchema, cursor: CursorSchema },
  { additionalProperties: false },
)
export type SavedSearchRun = Static<typeof SavedSearchRunSchema>
