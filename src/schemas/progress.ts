import { type Static, Type } from 'typebox'
import { BATCH_STATUSES } from './batches.ts'
import { IdSchema, Nullable, TimestampSchema } from './fields.ts'
import { PROGRESS_STAGES, UPLOAD_STATUSES } from './uploads.ts'

export const UploadProgressSchema = Type.Object({
  upload_id: IdSchema,
  batch_id: Nullable(IdSchema),
  file_name: Type.String(),
  file_size: Type.Integer(),
  status: Type.Enum(UPLOAD_STATUSES),
  stage: Type.Enum(PROGRESS_STAGES),
  progress_percent: Type.Number({ minimum: 0, maximum: 100 }),
  message: Type.String(),
  error_message: Nullable(Type.String()),
  description_audit_score: Nullable(Type.Integer()),
})
export type UploadProgress = Static<typeof UploadProgressSchema>

export const BatchProgressSchema = Type.Object({
  batch_id: IdSchema,
  status: Type.Enum(BATCH_STATUSES),
  total: Type.Integer(),
  processed: Type.Integer(),
  succeeded: Type.Integer(),
  failed: Type.Integer(),
  progress_percent: Type.Number({ minimum: 0, maximum: 100 }),
  eta_seconds: Nullable(Type.Integer()),
})
export type BatchProgress = Static<typeof BatchProgressSchema>

/** What a client may say on /ws. Anything else closes the socket with 4004. */
export const ClientMessageSchema = Type.Union([
  Type.Object({ type: Type.Literal('auth'), token: Type.String({ maxLength: 4096 }) }),
  Type.Object({ type: Type.Literal('subscribe_upload'), upload_id: IdSchema }),
  Type.Object({ type: Type.Literal('unsubscribe_upload'), upload_id: IdSchema }),
  Type.Object({ type: Type.Literal('subscribe_batch'), batch_id: IdSchema }),
  Type.Object({ type: Type.Literal('unsubscribe_batch'), batch_id: IdSchema }),
  Type.Object({ type: Type.Literal('subscribe_all'), since: Type.Optional(TimestampSchema) }),
  Type.Object({ type: Type.Literal('pong') }),
])
export type ClientMessage = Static<typeof ClientMessageSchema>
