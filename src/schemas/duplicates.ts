import { type Static, Type } from 'typebox'
import { IdSchema, Nullable } from './fields.ts'
import { BulkIdsSchema, UploadSchema } from './uploads.ts'

const strict = { additionalProperties: false }

export const DuplicateListSchema = Type.Object({
  items: Type.Array(
    Type.Object({
      uploads: Type.Array(UploadSchema, { description: 'The oldest first.' }),
      similarity: Type.Number({ description: 'Cosine of the two that are least alike among the pairs found.' }),
    }),
    { description: 'The group with the newest upload first.' },
  ),
  next_cursor: Nullable(Type.String()),
})
export type DuplicateList = Static<typeof DuplicateListSchema>

export const ResolveDuplicatesSchema = Type.Union([
  Type.Object({ keep_id: IdSchema, trash_ids: BulkIdsSchema }, strict),
  Type.Object(
    { not_duplicates: Type.Array(IdSchema, { minItems: 2, maxItems: 100, description: 'None is a copy of another.' }) },
    strict,
  ),
])
export type ResolveDuplicates = Static<typeof ResolveDuplicatesSchema>

export const ResolvedSchema = Type.Object({
  trashed: Type.Array(IdSchema),
  not_found: Type.Array(IdSchema),
  dismissed: Type.Integer({ description: 'Pairs that will not be shown again.' }),
})
export type Resolved = Static<typeof ResolvedSchema>
