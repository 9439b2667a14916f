import { AppError } from '../errors.ts'
import type { FileType, ProgressStage, UploadStatus } from '../schemas/uploads.ts'
import type { Sql, TransactionSql } from './client.ts'
import { gather } from './gather.ts'

/** One row of `uploads`, less what only the search and the owner's details page need. */
export interface UploadRow {
  id: string
  userId: string
  filename: string
  fileType: FileType
  mimeType: string
  extension: string
  fileSize: number
  sha256: string
  width: number | null
  height: number | null
  durationSeconds: number | null
  takenAt: Date | null
  latitude: number | null
  longitude: number | null
  camera: string | null
  status: UploadStatus
  stage: ProgressStage
  attempts: number
  errorCode: string | null
  errorMessage: string | null
  description: string | null
  ocrText: string | null
  descriptionAuditScore: number | null
  thumbhash: string | null
  hasRenditions: boolean
  hidden: boolean
  /** Whether the value is the owner's; what the file or the models say is kept beside it. */
  descriptionEdited: boolean
  takenAtEdited: boolean
  placeEdited: boolean
  createdAt: Date
  updatedAt: Date
  processedAt: Date | null
  /** In the trash since. Only the trash, and handing the same bytes over again, ever see such a row. */
  trashedAt: Date | null
}

export type NewUpload = Pick<
  UploadRow,
  'id' | 'userId' | 'filename' | 'fileType' | 'mimeType' | 'extension' | 'fileSize' | 'sha256'
> & { lane: 'interactive' | 'batch' }

export interface UploadDetails {
  metadata: Record<string, unknown>
  objects: { label: string; score: number; box: number[] }[]
  frames: { timeMs: number; description: string }[]
}

export interface StageRunRow {
  stage: string
  attempt: number
  outcome: 'done' | 'skipped' | 'failed'
  reason: string | null
  startedAt: Date
  durationMs: number
  errorCode: string | null
  errorMessage: string | null
  model: string | null
}

/** The most that a user may keep; null for no limit. */
export interface QuotaLimits {
  readonly bytes: number | null
  readonly files: number | null
}

export type UploadStore = ReturnType<typeof createUploadStore>

/** The columns of `UploadRow`, for every statement that returns uploads. */
export const uploadColumns = (sql: Sql) => sql`
  u.id, u.user_id, u.filename, u.file_type, u.mime_type, u.extension, u.file_size, u.sha256,
  u.width, u.height, u.duration_seconds, u.taken_at, u.latitude, u.longitude, u.camera,
  u.status, u.stage, u.attempts, u.error_code, u.error_message,
  u.description, u.ocr_text, u.description_audit_score, u.thumbhash, u.has_renditions,
  u.hidden, u.description_edited, u.taken_at_edited, u.place_edited,
  u.created_at, u.updated_at, u.processed_at, u.trashed_at`

/**
 * Reading and changing uploads on behalf of their owner. Every statement is scoped by user, and none knows of the trash
 * but `findByHash`, and `find` when it is asked to.
 */
export function createUploadStore(sql: Sql) {
  const columns = uploadColumns(sql)

  /** Gives the row of each, undefined for one whose bytes the user has already. */
  async function insertNew(on: Sql | TransactionSql, uploads: readonly NewUpload[]) {
    const all = <Name extends keyof NewUpload>(name: Name) => uploads.map((upload) => upload[name])
    const rows = await on<UploadRow[]>`
      insert into uploads as u (id, user_id, filename, file_type, mime_type, extension, file_size, sha256, lane)
      select * from unnest(${all('id')}::uuid[], ${all('userId')}::uuid[], ${all('filename')}::text[],
        ${all('fileType')}::text[], ${all('mimeType')}::text[], ${all('extension')}::text[],
        ${all('fileSize')}::bigint[], ${all('sha256')}::text[], ${all('lane')}::text[])
      on conflict (user_id, sha256) do nothing
      returning ${columns}`
    const inserted = new Map(rows.map((row) => [row.id, row]))
    return uploads.map(({ id }) => inserted.get(id))
  }

  const insertTogether = gather((uploads: readonly NewUpload[]) => insertNew(sql, uploads))

  /**
   * The insert counts the upload and holds the count until the commit: of two at once the second sees the first.
   * @throws AppError QUOTA_EXCEEDED, and nothing is inserted
   */
  async function insertWithin(limits: QuotaLimits, upload: NewUpload): Promise<UploadRow | undefined> {
    if (limits.bytes === null && limits.files === null) return insertTogether(upload)
    return sql.begin(async (tx) => {
      const [row] = await insertNew(tx, [upload])
      const over = await tx`
        select 1 from library_usage where user_id = ${upload.userId}
          and (original_bytes > ${limits.bytes}::bigint or uploads > ${limits.files}::bigint)`
      if (row && over.length > 0) throw new AppError('QUOTA_EXCEEDED')
      return row
    })
  }

  return {
    /**
     * Inserts, unless the user has the same bytes already: then `created` is false and the row is the existing one.
     * @throws AppError QUOTA_EXCEEDED
     */
    async insert(upload: NewUpload, limits: QuotaLimits): Promise<{ row: UploadRow; created: boolean }> {
      for (;;) {
        const inserted = await insertWithin(limits, upload)
        if (inserted) return { row: inserted, created: true }
        const existing = await this.findByHash(upload.userId, upload.sha256)
        if (existing) return { row: existing, created: false }
        // The other copy was deleted between the two statements: the place is free again.
      }
    },

    /** Also one in the trash: its bytes are kept. */
    async findByHash(userId: string, sha256: string): Promise<UploadRow | undefined> {
      const [row] = await sql<UploadRow[]>`
        select ${columns} from uploads u where u.user_id = ${userId} and u.sha256 = ${sha256}`
      return row
    },

    async find(userId: string, id: string, { evenTrashed = false } = {}): Promise<UploadRow | undefined> {
      const [row] = await sql<UploadRow[]>`
        select ${columns} from uploads u
        where u.user_id = ${userId} and u.id = ${id} ${evenTrashed ? sql`` : sql`and u.trashed_at is null`}`
      return row
    },

    /** Those of the ids that are the user's, in no particular order. */
    async findMany(userId: string, ids: readonly string[]): Promise<UploadRow[]> {
      return sql<UploadRow[]>`
        select ${columns} from uploads u
        where u.user_id = ${userId} and u.id = any(${ids as string[]}::uuid[]) and u.trashed_at is null`
    },

    async findDetails(userId: string, id: string): Promise<UploadDetails | undefined> {
      const [row] = await sql<UploadDetails[]>`
        select metadata, objects, frames from uploads
        where user_id = ${userId} and id = ${id} and trashed_at is null`
      return row
    },

    async listStageRuns(userId: string, id: string): Promise<StageRunRow[]> {
      return sql<StageRunRow[]>`
        select r.stage, r.attempt, r.outcome, r.reason, r.started_at, r.duration_ms, r.error_code, r.error_message, r.model
        from stage_runs r join uploads u on u.id = r.upload_id
        where u.user_id = ${userId} and u.id = ${id} order by r.id`
    },

    /** How many wait or run, and no more than `limit`. */
    async countUnfinished(userId: string, limit: number): Promise<number> {
      const [row] = await sql<{ count: number }[]>`
        select count(*) as count from (
          select 1 from uploads
          where user_id = ${userId} and status in ('pending', 'analyzing', 'embedding') and trashed_at is null
          limit ${limit}) as unfinished`
      return row?.count ?? 0
    },

    /** Everything not yet developed, oldest first, after the given id (ids are in the order of time). */
    async listUnfinished(userId: string, limit: number, afterId?: string): Promise<UploadRow[]> {
      return sql<UploadRow[]>`
        select ${columns} from uploads u
        where u.user_id = ${userId} and u.trashed_at is null and u.status in ('pending', 'analyzing', 'embedding')
          ${afterId ? sql`and u.id > ${afterId}` : sql``}
        order by u.id limit ${limit}`
    },

    /** What was finished at or after a moment, in the order of ids, after the given id. */
    async listFinishedSince(userId: string, since: Date, limit: number, afterId?: string): Promise<UploadRow[]> {
      return sql<UploadRow[]>`
        select ${columns} from uploads u
        where u.user_id = ${userId} and u.trashed_at is null and u.status in ('completed', 'failed')
          and u.processed_at >= ${since}
          ${afterId ? sql`and u.id > ${afterId}` : sql``}
        order by u.id limit ${limit}`
    },

    /** Ids of those that were the user's. */
    async setHidden(userId: string, ids: readonly string[], hidden: boolean): Promise<string[]> {
      const rows = await sql<{ id: string }[]>`
        update uploads set hidden = ${hidden}, updated_at = now()
        where user_id = ${userId} and id = any(${ids as string[]}::uuid[]) and trashed_at is null returning id`
      return rows.map((row) => row.id)
    },

    /** A single upload handed over again does not wait behind the batch that brought it first. */
    async promote(userId: string, id: string): Promise<void> {
      await sql`
        update uploads set lane = 'interactive' where user_id = ${userId} and id = ${id} and status = 'pending'
          and trashed_at is null`
    },

    /**
     * Starts a finished upload afresh at a stage, or from the start if it was never probed. Undefined when it is not
     * there or not finished.
     */
    async restart(userId: string, id: string, stage: string): Promise<UploadRow | undefined> {
      const [row] = await sql<UploadRow[]>`
        update uploads u set status = 'pending', stage = 'queued',
          next_stage = case when width is null then 'probe' else ${stage} end, lane = 'interactive',
          attempts = 0, error_code = null, error_message = null, processed_at = null, updated_at = now()
        where user_id = ${userId} and id = ${id} and status in ('completed', 'failed') and trashed_at is null
        returning ${columns}`
      return row
    },
  }
}
