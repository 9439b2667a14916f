import { type Static, Type } from 'typebox'
import { Nullable } from './fields.ts'

const BytesSchema = Type.Integer({ minimum: 0, description: 'Bytes.' })

export const UsageSchema = Type.Object({
  uploads: Type.Integer({ description: 'Without the trash.' }),
  original_bytes: BytesSchema,
  rendition_bytes: Type.Integer({ description: 'Bytes of previews and thumbnails; they do not count for the quota.' }),
  trash: Type.Object({ uploads: Type.Integer(), original_bytes: BytesSchema }),
  quota: Type.Object(
    { bytes: Nullable(Type.Integer()), files: Nullable(Type.Integer()) },
    { description: 'What originals may come to, those in the trash included; null for no limit.' },
  ),
})
export type Usage = Static<typeof UsageSchema>
