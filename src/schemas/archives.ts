import { Type } from 'typebox'
import { IdSchema } from './fields.ts'

const UPLOADS_MAX = 1000

const strict = { additionalProperties: false }

export const ArchiveRequestSchema = Type.Union([
  Type.Object({ upload_ids: Type.Array(IdSchema, { minItems: 1, maxItems: UPLOADS_MAX }) }, strict),
  Type.Object({ album_id: IdSchema }, strict),
])
