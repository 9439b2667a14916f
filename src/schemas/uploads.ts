import { type Static, Type } from 'typebox'
import { IdSchema, Nullable, TimestampSchema } from './fields.ts'

export const UPLOAD_STATUSES = ['pending', 'analyzing', 'embedding', 'completed', 'failed'] as const
export type UploadStatus = (typeof UPLOAD_STATUSES)[number]

/** Finer than the status, for progress. In the order in which an upload passes them. */
export const PROGRESS_STAGES = [
  'queued',
  'probing',
  'thumbnail',
  'extracting_frames',
  'vision_analysis',
  'description_audit',
  'embedding_generation',
  'indexing',
  'completed',
  'failed',
] as const
export type ProgressStage = (typeof PROGRESS_STAGES)[number]

export const FILE_TYPES = ['image', 'video'] as const
export type FileType = (typeof FILE_TYPES)[number]

const StatusSchema = Type.Enum(UPLOAD_STATUSES)

export const UploadSchema = Type.Object(
  {
    id: IdSchema,
    filename: Type.String({ description: 'As it was handed over, without any path.' }),
    file_type: Type.Enum(FILE_TYPES),
    mime_type: Type.String({ description: 'What the bytes are, whatever the name says.' }),
    file_size: Type.Integer({ description: 'Bytes.' }),
    sha256: Type.String(),
    width: Nullable(Type.Integer()),
    height: Nullable(Type.Integer()),
    duration_seconds: Nullable(Type.Number()),
    taken_at: Nullable(TimestampSchema),
    latitude: Nullable(Type.Number()),
    longitude: Nullable(Type.Number()),
    camera: Nullable(Type.String()),
    status: StatusSchema,
    stage: Type.Enum(PROGRESS_STAGES),
    attempts: Type.Integer(),
    error_code: Nullable(Type.String()),
    error_message: Nullable(Type.String()),
    description: Nullable(Type.String()),
    ocr_text: Nullable(Type.String({ description: 'Text read in the picture.' })),
    description_audit_score: Nullable(Type.Integer({ minimum: 0, maximum: 100 })),
    thumbhash: Nullable(Type.String({ description: 'Base64; a blurred stand-in for the thumbnail.' })),
    hidden: Type.Boolean(),
    edited: Type.Array(Type.Enum(['description', 'taken_at', 'place'] as const), {
      description: 'What its owner said, in place of what the file or the models say.',
    }),
    created_at: TimestampSchema,
    updated_at: TimestampSchema,
    processed_at: Nullable(TimestampSchema),
    links: Type.Object({
      file: Type.String(),
      thumbnail: Nullable(Type.String()),
      preview: Nullable(Type.String()),
    }),
  },
  { $id: 'Upload' },
)
export type Upload = Static<typeof UploadSchema>

/** For the documentation: a form is read as a stream, and checked as it arrives. */
export const FileFormSchema = Type.Object({ file: Type.Unsafe<string>({ type: 'string', format: 'binary' }) })

export const UPLOAD_SORTS = [
  'created_at',
  '-created_at',
  'taken_at',
  '-taken_at',
  'file_size',
  '-file_size',
  'duration',
  '-duration',
  'filename',
  '-filename',
] as const
export type UploadSort = (typeof UPLOAD_SORTS)[number]

export const UploadListSchema = Type.Object({
  items: Type.Array(UploadSchema),
  next_cursor: Nullable(Type.String()),
})

/** Null: back to what the file or the models say. */
export const UploadPatchSchema = Type.Object(
  {
    hidden: Type.Optional(Type.Boolean()),
    description: Type.Optional(
      Nullable(Type.String({ minLength: 1, maxLength: 5000, pattern: '^[^\\u0000]*$', description: 'In your words.' })),
    ),
    taken_at: Type.Optional(Nullable(TimestampSchema)),
    latitude: Type.Optional(Nullable(Type.Number({ minimum: -90, maximum: 90 }))),
    longitude: Type.Optional(Nullable(Type.Number({ minimum: -180, maximum: 180 }))),
  },
  { additionalProperties: false, minProperties: 1 },
)
export type UploadPatch = Static<typeof UploadPatchSchema>

export const UploadMetadataSchema = Type.Object({
  upload_id: IdSchema,
  metadata: Type.Record(Type.String(), Type.Unknown()),
  objects: Type.Array(
    Type.Object({
      label: Type.String(),
      score: Type.Number(),
      box: Type.Array(Type.Number(), { description: 'Left, top, right, bottom as fractions of the picture.' }),
    }),
  ),
  frames: Type.Array(Type.Object({ time_ms: Type.Integer(), description: Type.String() })),
})
export type UploadMetadata = Static<typeof UploadMetadataSchema>

export const StageRunSchema = Type.Object({
  stage: Type.String(),
  attempt: Type.Integer(),
  outcome: Type.Enum(['done', 'skipped', 'failed']),
  reason: Nullable(Type.String()),
  started_at: TimestampSchema,
  duration_ms: Type.Integer(),
  error_code: Nullable(Type.String()),
  error_message: Nullable(Type.String()),
  model: Nullable(Type.String()),
})
export type StageRun = Static<typeof StageRunSchema>

export const StageRunListSchema = Type.Object({ upload_id: IdSchema, items: Type.Array(StageRunSchema) })

const BULK_MAX = 100
export const BulkIdsSchema = Type.Array(IdSchema, { minItems: 1, maxItems: BULK_MAX })
export const BulkDeleteSchema = Type.Object(
  {
    upload_ids: BulkIdsSchema,
    permanent: Type.Optional(Type.Boolean({ default: false, description: '`true`: past the trash, for good.' })),
  },
  { additionalProperties: false },
)
export const BulkRestoreSchema = Type.Object({ upload_ids: BulkIdsSchema }, { additionalProperties: false })
export const BulkHideSchema = Type.Object(
  { upload_ids: BulkIdsSchema, hidden: Type.Boolean({ default: true }) },
  { additionalProperties: false },
)
export const BulkResultSchema = Type.Object({
  changed: Type.Array(IdSchema, { description: 'The uploads that were changed.' }),
  not_found: Type.Array(IdSchema, { description: 'Ids that are not uploads of this account.' }),
})
export type BulkResult = Static<typeof BulkResultSchema>
