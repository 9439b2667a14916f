import type { FileType, ProgressStage, UploadSort, UploadStatus } from '../schemas/uploads.ts'
import type { Sql } from './client.ts'

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
  createdAt: Date
  updatedAt: Date
  processedAt: Date | null
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

export interface UploadFilter {
  fileType?: FileType | undefined
  status?: UploadStatus | undefined
  showHidden: boolean
  from?: Date | undefined
  to?: Date | undefined
}

/** Where a page begins: the sort value and the id of the last row of the page before. */
export interface UploadPosition {
  value: string
  id: string
}

export type UploadStore = ReturnType<typeof createUploadStore>

/** The columns of `UploadRow`, for every statement that returns uploads. */
export const uploadColumns = (sql: Sql) => sql`
  u.id, u.user_id, u.filename, u.file_type, u.mime_type, u.extension, u.file_size, u.sha256,
  u.width, u.height, u.duration_seconds, u.taken_at, u.latitude, u.longitude, u.camera,
  u.status, u.stage, u.attempts, u.error_code, u.error_message,
  u.description, u.ocr_text, u.description_audit_score, u.thumbhash, u.has_renditions,
  u.hidden, u.created_at, u.updated_at, u.processed_at`

/** Reading and changing uploads on behalf of their owner. Every statement is scoped by user. */
export function createUploadStore(sql: Sql) {
  const columns = uploadColumns(sql)
  return {
    /** Inserts, unless the user has the same bytes already: then `created` is false and the row is the existing one. */
    async insert(upload: NewUpload): Promise<{ row: UploadRow; created: boolean }> {
      for (;;) {
        const [inserted] = await sql<UploadRow[]>`
          insert into uploads as u (id, user_id, filename, file_type, mime_type, extension, file_size, sha256, lane)
          values (${upload.id}, ${upload.userId}, ${upload.filename}, ${upload.fileType}, ${upload.mimeType},
            ${upload.extension}, ${upload.fileSize}, ${upload.sha256}, ${upload.lane})
          on conflict (user_id, sha256) do nothing
          returning ${columns}`
        if (inserted) return { row: inserted, created: true }
        const existing = await this.findByHash(upload.userId, upload.sha256)
        if (existing) return { row: existing, created: false }
        // The other copy was deleted between the two statements: the place is free again.
      }
    },

    async findByHash(userId: string, sha256: string): Promise<UploadRow | undefined> {
      const [row] = await sql<UploadRow[]>`
        select ${columns} from uploads u where u.user_id = ${userId} and u.sha256 = ${sha256}`
      return row
    },

    async find(userId: string, id: string): Promise<UploadRow | undefined> {
      const [row] = await sql<
        UploadRow[]
      >`select ${columns} from uploads u where u.user_id = ${userId} and u.id = ${id}`
      return row
    },

    /** Those of the ids that are the user's, in no particular order. */
    async findMany(userId: string, ids: readonly string[]): Promise<UploadRow[]> {
      return sql<UploadRow[]>`
        select ${columns} from uploads u where u.user_id = ${userId} and u.id = any(${ids as string[]}::uuid[])`
    },

    async findDetails(userId: string, id: string): Promise<UploadDetails | undefined> {
      const [row] = await sql<UploadDetails[]>`
        select metadata, objects, frames from uploads where user_id = ${userId} and id = ${id}`
      return row
    },

    async listStageRuns(userId: string, id: string): Promise<StageRunRow[]> {
      return sql<StageRunRow[]>`
        select r.stage, r.attempt, r.outcome, r.reason, r.started_at, r.duration_ms, r.error_code, r.error_message, r.model
        from stage_runs r join uploads u on u.id = r.upload_id
        where u.user_id = ${userId} and u.id = ${id} order by r.id`
    },

    /** One page by keyset; ask for one row more than is shown to know whether there is a next page. */
    async list(
      userId: string,
      filter: UploadFilter,
      sort: UploadSort,
      limit: number,
      after?: UploadPosition,
    ): Promise<(UploadRow & { sortValue: string })[]> {
      const { key, type, descending } = sortKey(sql, sort)
      // In UTC and with all its microseconds, whatever the session shows.
      const shownKey = isTimeSort(sort)
        ? sql`to_char((${key}) at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`
        : sql`(${key})::text`
      const direction = descending ? sql`desc` : sql`asc`
      const shown = sql`coalesce(u.taken_at, u.created_at)`
      const position = after
        ? sql`and (${key}, u.id) ${descending ? sql`<` : sql`>`} (${after.value}::${type}, ${after.id}::uuid)`
        : sql``
      return sql<(UploadRow & { sortValue: string })[]>`
        select ${columns}, ${shownKey} as sort_value from uploads u
        where u.user_id = ${userId}
          ${filter.showHidden ? sql`` : sql`and not u.hidden`}
          ${filter.fileType ? sql`and u.file_type = ${filter.fileType}` : sql``}
          ${filter.status ? sql`and u.status = ${filter.status}` : sql``}
          ${filter.from ? sql`and ${shown} >= ${filter.from}` : sql``}
          ${filter.to ? sql`and ${shown} < ${filter.to}` : sql``}
          ${position}
        order by ${key} ${direction}, u.id ${direction}
        limit ${limit}`
    },

    /** Everything not yet developed, oldest first, after the given id (ids are in the order of time). */
    async listUnfinished(userId: string, limit: number, afterId?: string): Promise<UploadRow[]> {
      return sql<UploadRow[]>`
        select ${columns} from uploads u
        where u.user_id = ${userId} and u.status in ('pending', 'analyzing', 'embedding')
          ${afterId ? sql`and u.id > ${afterId}` : sql``}
        order by u.id limit ${limit}`
    },

    /** What was finished at or after a moment, in the order of ids, after the given id. */
    async listFinishedSince(userId: string, since: Date, limit: number, afterId?: string): Promise<UploadRow[]> {
      return sql<UploadRow[]>`
        select ${columns} from uploads u
        where u.user_id = ${userId} and u.status in ('completed', 'failed') and u.processed_at >= ${since}
          ${afterId ? sql`and u.id > ${afterId}` : sql``}
        order by u.id limit ${limit}`
    },

    /** Ids of those that were the user's. */
    async setHidden(userId: string, ids: readonly string[], hidden: boolean): Promise<string[]> {
      const rows = await sql<{ id: string }[]>`
        update uploads set hidden = ${hidden}, updated_at = now()
        where user_id = ${userId} and id = any(${ids as string[]}::uuid[]) returning id`
      return rows.map((row) => row.id)
    },

    /** Ids of those that were the user's and are gone now. */
    async remove(userId: string, ids: readonly string[]): Promise<string[]> {
      const rows = await sql<{ id: string }[]>`
        delete from uploads where user_id = ${userId} and id = any(${ids as string[]}::uuid[]) returning id`
      return rows.map((row) => row.id)
    },

    /** A single upload handed over again does not wait behind the batch that brought it first. */
    async promote(userId: string, id: string): Promise<void> {
      await sql`
        update uploads set lane = 'interactive' where user_id = ${userId} and id = ${id} and status = 'pending'`
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
        where user_id = ${userId} and id = ${id} and status in ('completed', 'failed')
        returning ${columns}`
      return row
    },
  }
}

const isTimeSort = (sort: UploadSort) => /_at$/.test(sort)

function sortKey(sql: Sql, sort: UploadSort) {
  const descending = sort.startsWith('-')
  switch (sort) {
    case 'created_at':
    case '-created_at':
      return { key: sql`u.created_at`, type: sql`timestamptz`, descending }
    case 'taken_at':
    case '-taken_at':
      return { key: sql`coalesce(u.taken_at, u.created_at)`, type: sql`timestamptz`, descending }
    case 'file_size':
    case '-file_size':
      return { key: sql`u.file_size`, type: sql`bigint`, descending }
    case 'filename':
    case '-filename':
      return { key: sql`u.filename`, type: sql`text`, descending }
  }
}
