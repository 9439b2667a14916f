import { type Static, Type } from 'typebox'
import { CursorSchema, IdSchema, LimitSchema, Nullable, TimestampSchema } from './fields.ts'
import { UPLOAD_STATUSES } from './uploads.ts'

export const BATCH_STATUSES = ['pending', 'processing', 'completed', 'cancelled'] as const
export type BatchStatus = (typeof BATCH_STATUSES)[number]

export const VERDICTS = ['accepted', 'duplicate', 'rejected'] as const
export type Verdict = (typeof VERDICTS)[number]

export const OUTCOMES = ['succeeded', 'failed', 'cancelled', 'deleted'] as const
export type Outcome = (typeof OUTCOMES)[number]

export const BatchSchema = Type.Object(
  {
    id: IdSchema,
    status: Type.Enum(BATCH_STATUSES),
    created_at: TimestampSchema,
    started_at: Nullable(TimestampSchema),
    finished_at: Nullable(TimestampSchema),
    counts: Type.Object({
      total: Type.Integer(),
      accepted: Type.Integer(),
      duplicate: Type.Integer(),
      rejected: Type.Integer(),
      waiting: Type.Integer({ description: 'Accepted and not yet finished.' }),
      succeeded: Type.Integer(),
      failed: Type.Integer(),
      cancelled: Type.Integer(),
      deleted: Type.Integer({ description: 'Deleted by their owner before their turn.' }),
    }),
    progress_percent: Type.Number({ minimum: 0, maximum: 100 }),
    eta_seconds: Nullable(Type.Integer({ description: 'From the speed so far; null before the first file is done.' })),
  },
  { $id: 'Batch' },
)
export type Batch = Static<typeof BatchSchema>

export const BatchItemSchema = Type.Object({
  position: Type.Integer(),
  filename: Type.String(),
  verdict: Type.Enum(VERDICTS),
  error_code: Nullable(Type.String()),
  error_message: Nullable(Type.String()),
  upload_id: Nullable(IdSchema),
  upload_status: Nullable(Type.Enum(UPLOAD_STATUSES)),
  outcome: Nullable(Type.Enum(OUTCOMES)),
})
export type BatchItem = Static<typeof BatchItemSchema>

export const BatchDetailSchema = Type.Object({
  batch: BatchSchema,
  items: Type.Array(BatchItemSchema),
  next_cursor: Nullable(Type.String()),
})
export type BatchDetail = Static<typeof BatchDetailSchema>

export const BatchListSchema = Type.Object({ items: Type.Array(BatchSchema), next_cursor: Nullable(Type.String()) })

export const BatchListQuerySchema = Type.Object({
  status: Type.Optional(Type.Enum(BATCH_STATUSES)),
  limit: LimitSchema,
  cursor: CursorSchema,
})
export type BatchListQuery = Static<typeof BatchListQuerySchema>

export const PageQuerySchema = Type.Object({ limit: LimitSchema, cursor: CursorSchema })
export type PageQuery = Static<typeof PageQuerySchema>

/** For the documentation: a form is read as a stream, and checked as it arrives. */
export const FilesFormSchema = Type.Object({
  file: Type.Array(Type.Unsafe<string>({ type: 'string', format: 'binary' })),
})

/** The JSON body of POST /v1/batches. Bounded by the body limit; 10,000 ids are some 400 kB. */
export const BatchOfUploadsSchema = Type.Object(
  { upload_ids: Type.Array(IdSchema, { minItems: 1, maxItems: 10_000 }) },
  { additionalProperties: false },
)
