import { type Static, Type } from 'typebox'
import { IdSchema, TimestampSchema } from './fields.ts'

const UPLOADS_MAX = 1000

const strict = { additionalProperties: false }

export const ArchiveRequestSchema = Type.Union([
  Type.Object({ upload_ids: Type.Array(IdSchema, { minItems: 1, maxItems: UPLOADS_MAX }) }, strict),
  Type.Object({ album_id: IdSchema }, strict),
])
export type ArchiveRequest = Static<typeof ArchiveRequestSchema>

export const ArchiveSchema = Type.Object(
  {
    id: IdSchema,
    filename: Type.String(),
    expires_at: { ...TimestampSchema, description: 'Until then the download can begin.' },
    links: Type.Object({ file: Type.String({ description: 'The ZIP, made while it is sent.' }) }),
  },
  { $id: 'Archive' },
)
export type Archive = Static<typeof ArchiveSchema>
