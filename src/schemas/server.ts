import { type Static, Type } from 'typebox'

export const HealthSchema = Type.Object({
  status: Type.Literal('ok'),
  version: Type.String(),
  uptime_seconds: Type.Integer(),
})

export const ReadySchema = Type.Object({
  status: Type.Literal('ready'),
  checks: Type.Record(Type.String(), Type.Boolean()),
})

export const ClientConfigSchema = Type.Object(
  {
    version: Type.String(),
    model_pack: Type.String(),
    accepted_types: Type.Array(Type.String(), { description: 'MIME types of the files that are taken.' }),
    videos_supported: Type.Boolean({ description: 'False where the server has no ffmpeg.' }),
    upload_max_bytes: Type.Integer(),
    batch_max_files: Type.Integer(),
    has_accounts: Type.Boolean({ description: 'False until the first account is made, the administrator’s.' }),
    registration_open: Type.Boolean({ description: 'Also true while there is no account at all.' }),
  },
  { $id: 'ClientConfig' },
)
export type ClientConfig = Static<typeof ClientConfigSchema>
