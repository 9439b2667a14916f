import type { ProgressStage, UploadStatus } from '../schemas/uploads.ts'
import type { Sql, TransactionSql } from './client.ts'
import { keepBands, linkCopies } from './duplicates.ts'
import { indexedWords, type SearchWords } from './search-words.ts'
import { besideEdits, type SeenObject, toColumns, type UploadChanges } from './upload-changes.ts'
import { type UploadRow, uploadColumns } from './uploads.ts'
import { forgetOtherEncoders, type NewVectors, replaceVectors } from './vectors.ts'

export type { SearchWords } from './search-words.ts'
export type { UploadChanges } from './upload-changes.ts'

/** An upload whose attempt has been counted and which belongs to this process until it is finished or released. */
export interface ClaimedUpload extends UploadRow {
  nextStage: string
  /** What was seen in it, as the captioner said it. */
  objects: readonly SeenObject[]
  /** Fingerprint of the captioner that described it. */
  describedBy: string | null
}

export interface StageRecord {
  stage: string
  attempt: number
  outcome: 'done' | 'skipped' | 'failed'
  reason?: string | undefined
  startedAt: Date
  durationMs: number
  errorCode?: string | undefined
  errorMessage?: string | undefined
  model?: string | undefined
}

/** How often an upload is tried before it is given up: once, and once more. */
export const MAX_ATTEMPTS = 2

/** What the row shows while a stage runs. */
export interface StageEntry {
  readonly name: string
  readonly shows: ProgressStage
  readonly status: 'analyzing' | 'embedding'
}

/** What its owner may have changed of an upload that goes on. */
export type EnteredUpload = Pick<UploadRow, 'userId' | 'description'>

export type ProcessingStore = ReturnType<typeof createProcessingStore>

/**
 * The queue inside `uploads`: claims, leases, the record of stages. `instanceId` names this process; a row that it
 * leased changes only through it, and every change says whether the row was still there.
 */
export function createProcessingStore(sql: Sql, instanceId: string) {
  const claimedColumns = sql`${uploadColumns(sql)}, u.next_stage, u.objects, u.described_by`
  const claimed = sql`
    status = 'analyzing', attempts = attempts + 1, leased_by = ${instanceId}, error_code = null, error_message = null,
    updated_at = now()`

  return {
    /** Claims the oldest single upload that waits; counts the attempt. */
    async claimNext(): Promise<ClaimedUpload | undefined> {
      const [row] = await sql<ClaimedUpload[]>`
        update uploads u set ${claimed}
        where u.id = (
          select id from uploads
          where status = 'pending' and lane = 'interactive' and attempts < ${MAX_ATTEMPTS} and trashed_at is null
          order by created_at, id for update skip locked limit 1)
        returning ${claimedColumns}`
      return row
    },

    /**
     * Claims an upload that was being developed when the last process ended: one whose attempt was counted, and which
     * neither failed nor was given back.
     */
    async claimInterrupted(): Promise<ClaimedUpload | undefined> {
      const [row] = await sql<ClaimedUpload[]>`
        update uploads u set ${claimed}
        where u.id = (
          select id from uploads
          where status = 'pending' and attempts between 1 and ${MAX_ATTEMPTS - 1} and error_code is null
            and trashed_at is null
          order by created_at, id for update skip locked limit 1)
        returning ${claimedColumns}`
      return row
    },

    /** Claims one upload by id, whatever its lane. Undefined when it is gone, running, or has nothing to do. */
    async claim(id: string): Promise<ClaimedUpload | undefined> {
      const [row] = await sql<ClaimedUpload[]>`
        update uploads u set ${claimed}
        where u.id = (
          select id from uploads
          where id = ${id} and status = 'pending' and attempts < ${MAX_ATTEMPTS} and trashed_at is null
          for update skip locked)
        returning ${claimedColumns}`
      return row
    },

    /**
     * Sends a finished upload through the whole pipeline again, because an item of a batch says so. The item forgets
     * its wish in the same transaction: a crash afterwards resumes the upload and does not start it once more.
     */
    async startAfresh(id: string, batchId: string, position: number): Promise<void> {
      await sql.begin(async (tx) => {
        await tx`update batch_items set redo = false where batch_id = ${batchId} and position = ${position}`
        await tx`
          update uploads set status = 'pending', stage = 'queued', next_stage = 'probe', lane = 'batch', attempts = 0,
            error_code = null, error_message = null, processed_at = null, updated_at = now()
          where id = ${id} and status in ('completed', 'failed') and trashed_at is null`
      })
    },

    /** What a batch needs to know of an upload when its turn comes or is over. One in the trash counts as gone. */
    async findState(id: string): Promise<{ status: UploadStatus; attempts: number } | undefined> {
      const [row] = await sql<{ status: UploadStatus; attempts: number }[]>`
        select status, attempts from uploads where id = ${id} and trashed_at is null`
      return row
    },

    /** Shows where the upload is. False when it is no longer ours. */
    async enterStage(id: string, { shows, status }: StageEntry): Promise<boolean> {
      const { count } = await sql`
        update uploads set stage = ${shows}, status = ${status}, updated_at = now()
        where id = ${id} and leased_by = ${instanceId}`
      return count === 1
    },

    /**
     * Keeps a stage's result and its record, and enters the next stage, all or nothing. Tells what may have been edited
     * meanwhile; undefined when the upload is gone.
     */
    async completeStage(
      id: string,
      record: StageRecord,
      next: StageEntry,
      changes: UploadChanges = {},
      vectors?: NewVectors,
    ): Promise<EnteredUpload | undefined> {
      if (!vectors) return keep(sql)
      return sql.begin(async (tx) => {
        const entered = await keep(tx)
        if (!entered) return undefined
        await Promise.all([
          replaceVectors(tx, id, entered.userId, vectors),
          // What other encoders made may belong to a description that was.
          forgetOtherEncoders(tx, id, vectors.encoders),
        ])
        return entered
      })

      async function keep(on: Sql | TransactionSql): Promise<EnteredUpload | undefined> {
        const set = { nextStage: next.name, stage: next.shows, status: next.status, ...toColumns(on, changes) }
        const [entered] = await on<EnteredUpload[]>`
          with ours as (
            update uploads set ${on(set)} ${besideEdits(on, changes)}, updated_at = now()
            where id = ${id} and leased_by = ${instanceId} returning id, user_id, description, perceptual_hash
          ), ${recorded(on, record)} ${changes.perceptualHash === undefined ? on`` : on`, ${keepBands(on)}`}
          select user_id, description from ours`
        return entered
      }
    },

    /**
     * The last word of a successful upload. When its description was edited since it was embedded, it waits to be
     * embedded once more: the attempt does not count. `gone` when it is no longer ours.
     */
    async complete(id: string, record: StageRecord, words: SearchWords): Promise<'completed' | 'edited' | 'gone'> {
      // Apart, so that the last word is one statement. Links without it are found and made again by the next attempt.
      await linkCopies(sql, id)
      const [row] = await sql<{ edited: boolean }[]>`
        with found as (
          select id, coalesce(description, '') <> ${words.description} as edited from uploads
          where id = ${id} and leased_by = ${instanceId} for update
        ), waiting as (
          update uploads u set status = 'pending', stage = 'queued', next_stage = 'embed', attempts = attempts - 1,
            leased_by = null, updated_at = now()
          from found where u.id = found.id and found.edited
        ), ours as (
          update uploads u set status = 'completed', stage = 'completed', leased_by = null, processed_at = now(),
            updated_at = now(), ${indexedWords(sql, words)}
          from found where u.id = found.id and not found.edited returning u.id
        ), ${recorded(sql, record)}
        select edited from found`
      if (!row) return 'gone'
      return row.edited ? 'edited' : 'completed'
    },

    /**
     * Records a failed stage. With an attempt left the upload waits again, to resume at that stage; otherwise it is
     * `failed`. Undefined when it is gone.
     */
    async failStage(id: string, record: StageRecord): Promise<'pending' | 'failed' | undefined> {
      const [row] = await sql<{ status: 'pending' | 'failed' }[]>`
        with ours as (
          update uploads set
            status = case when attempts < ${MAX_ATTEMPTS} then 'pending' else 'failed' end,
            stage = case when attempts < ${MAX_ATTEMPTS} then 'queued' else 'failed' end,
            processed_at = case when attempts < ${MAX_ATTEMPTS} then null else now() end,
            next_stage = ${record.stage}, leased_by = null,
            error_code = ${record.errorCode ?? null}, error_message = ${record.errorMessage ?? null}, updated_at = now()
          where id = ${id} and leased_by = ${instanceId} returning id, status
        ), ${recorded(sql, record)}
        select status from ours`
      return row?.status
    },

    /** Gives an upload back without counting the attempt: the program stops, the file is not to blame. */
    async release(id: string): Promise<void> {
      await sql`
        update uploads set status = 'pending', stage = 'queued', attempts = attempts - 1, leased_by = null, updated_at = now()
        where id = ${id} and leased_by = ${instanceId} and status in ('analyzing', 'embedding')`
    },

    /**
     * Takes back what nobody develops any more: leases of processes that are gone, whose attempt stays counted, and leases
     * of this one that are not in `running`, which was interrupted by the database and by no file. Nothing may be claimed
     * meanwhile. Uploads without an attempt left are failed and returned.
     */
    async recover(running: readonly string[]): Promise<UploadRow[]> {
      await sql`
        update uploads set status = 'pending', stage = 'queued', leased_by = null, updated_at = now(),
          attempts = attempts - (leased_by = ${instanceId})::int
        where leased_by is not null and (
          leased_by <> ${instanceId} or id <> all(${running as string[]}::uuid[]))`
      // Batch uploads whose batch is gone or over would wait for ever.
      await sql`
        update uploads u set lane = 'interactive'
        where u.status = 'pending' and u.lane = 'batch' and not exists (
          select 1 from batch_items i join batches b on b.id = i.batch_id
          where i.upload_id = u.id and i.outcome is null and b.status in ('pending', 'processing'))`
      return sql<UploadRow[]>`
        update uploads u set status = 'failed', stage = 'failed', error_code = 'PROCESSING_CRASHED',
          error_message = 'The server stopped twice while it was developing this file.', processed_at = now(), updated_at = now()
        where u.status = 'pending' and u.attempts >= ${MAX_ATTEMPTS}
        returning ${uploadColumns(sql)}`
    },

    /** Those of the uploads that are completed or failed. */
    async findEnded(ids: readonly string[]): Promise<UploadRow[]> {
      if (ids.length === 0) return []
      return sql<UploadRow[]>`
        select ${uploadColumns(sql)} from uploads u
        where u.id = any(${ids as string[]}::uuid[]) and u.status in ('completed', 'failed') and u.trashed_at is null`
    },

    /** Names the database; the folder of the files carries the same name. */
    async installationId(): Promise<string> {
      const [row] = await sql<{ id: string }[]>`select id from installation`
      if (!row) throw new Error('The table installation is empty.')
      return row.id
    },

    /** Whether a user's upload still exists, be it in the trash: files of one that does not are swept. */
    async existing(ids: readonly string[]): Promise<Set<string>> {
      const rows = await sql<{ id: string }[]>`select id from uploads where id = any(${ids as string[]}::uuid[])`
      return new Set(rows.map((row) => row.id))
    },
  }
}

/**
 * The common table expression that records the stage of the upload in `ours`, if there is one. One statement instead of a
 * transaction of several: the embedded database has one session, and whoever holds it between two statements holds up all.
 */
const recorded = (sql: Sql | TransactionSql, record: StageRecord) => sql`
  recorded as (
    insert into stage_runs (upload_id, stage, attempt, outcome, reason, started_at, duration_ms, error_code, error_message, model)
    select id, ${record.stage}::text, ${record.attempt}::int, ${record.outcome}::text, ${record.reason ?? null}::text,
      ${record.startedAt}::timestamptz, ${Math.round(record.durationMs)}::int, ${record.errorCode ?? null}::text,
      ${record.errorMessage ?? null}::text, ${record.model ?? null}::text
    from ours)`
/** All vectors of the models named are replaced: a new description may have fewer parts, a new sampling fewer frames. */
