import type { Sql } from './client.ts'
import type { ClaimedUpload } from './processing.ts'
import { indexedWords, toSearchWords } from './search-words.ts'
import { besideEdits, toColumns, type UploadChanges } from './upload-changes.ts'
import { uploadColumns } from './uploads.ts'
import { forgetOtherEncoders, type NewVectors, replaceVectors } from './vectors.ts'

/** What every upload should have: vectors of these encoders and, if named, a description by this captioner. */
export interface WantedModels {
  /** Fingerprints of the picture and the text encoder. */
  readonly encoders: readonly string[]
  /** Uploads that another captioner described, and whose owner did not, are missing too. */
  readonly captioner?: string | undefined
}

/** What a pack made of an upload, to be kept if the upload is still as it was read. */
export interface Remade {
  readonly vectors: NewVectors
  /** A new description. */
  readonly changes?: UploadChanges | undefined
}

export interface ActivePack {
  readonly name: string
  /** Fingerprints that no developed upload lacks. */
  readonly encoders: readonly string[]
}

export type ModelPackStore = ReturnType<typeof createModelPackStore>

/** Which pack is active, and which uploads lack the vectors of another. */
export function createModelPackStore(sql: Sql) {
  const isMissing = ({ encoders, captioner }: WantedModels) => sql`
    u.status = 'completed' and (
      (select count(*) from embedded_uploads e where e.upload_id = u.id and e.model = any(${[...encoders]}))
        < ${encoders.length}
      ${captioner ? sql`or (u.described_by is distinct from ${captioner} and not u.description_edited)` : sql``})`

  return {
    /** The name of the pack that searches are answered from; undefined before the first start. */
    async findActive(): Promise<ActivePack | undefined> {
      const [row] = await sql<ActivePack[]>`select name, encoders from active_model_pack`
      return row
    },

    async setActive({ name, encoders }: ActivePack): Promise<void> {
      await sql`
        insert into active_model_pack (name, encoders) values (${name}, ${[...encoders]})
        on conflict ((true)) do update set name = excluded.name, encoders = excluded.encoders`
    },

    /** Developed uploads that lack something, in the order of their ids, after one of them. Those in the trash too. */
    async findMissing(wanted: WantedModels, after: string | undefined, limit: number): Promise<ClaimedUpload[]> {
      return sql<ClaimedUpload[]>`
        select ${uploadColumns(sql)}, u.next_stage, u.objects, u.described_by from uploads u
        where ${isMissing(wanted)} ${after ? sql`and u.id > ${after}` : sql``}
        order by u.id limit ${limit}`
    },

    async countMissing(wanted: WantedModels): Promise<number> {
      const [row] = await sql<
        [{ count: number }]
      >`select count(*)::int as count from uploads u where ${isMissing(wanted)}`
      return row.count
    },

    async countDeveloped(): Promise<number> {
      const [row] = await sql<
        [{ count: number }]
      >`select count(*)::int as count from uploads where status = 'completed'`
      return row.count
    },

    /**
     * Keeps new vectors beside those of other encoders, all or nothing. False when the upload is gone, is being
     * developed, or got another description meanwhile: it is then found missing again, or has nothing to miss.
     */
    async keep(upload: ClaimedUpload, { vectors, changes }: Remade): Promise<boolean> {
      return sql.begin(async (tx) => {
        const [row] = await tx<{ userId: string }[]>`
          select user_id from uploads
          where id = ${upload.id} and status = 'completed' and description is not distinct from ${upload.description}
          for update`
        if (!row) return false
        await replaceVectors(tx, upload.id, row.userId, vectors)
        if (!changes) return true
        const words = toSearchWords({ ...upload, ...changes })
        await tx`
          update uploads set ${tx(toColumns(tx, changes))} ${besideEdits(tx, changes)}, updated_at = now()
          where id = ${upload.id}`
        // After it, because labels are read from the row.
        await tx`update uploads set ${indexedWords(tx, words)} where id = ${upload.id}`
        await forgetOtherEncoders(tx, upload.id, vectors.encoders)
        return true
      })
    },

    /** Remembers that the encoders cannot make anything of it, so that one bad file does not hold up the others. */
    async giveUp(uploadId: string, { encoders, captioner }: WantedModels, errorCode: string): Promise<void> {
      await sql.begin(async (tx) => {
        const [row] = await tx`
          update uploads set described_by = coalesce(${captioner ?? null}, described_by) where id = ${uploadId} returning id`
        if (!row) return
        await tx`
          insert into embedded_uploads ${tx(encoders.map((model) => ({ model, uploadId, errorCode })))}
          on conflict (upload_id, model) do nothing`
      })
    },

    /** Lets uploads that were given up be tried again. */
    async forgive(encoders: readonly string[]): Promise<void> {
      await sql`delete from embedded_uploads where model = any(${[...encoders]}) and error_code is not null`
    },

    async countGivenUp(encoders: readonly string[]): Promise<number> {
      const [row] = await sql<[{ count: number }]>`
        select count(distinct upload_id)::int as count from embedded_uploads
        where model = any(${[...encoders]}) and error_code is not null`
      return row.count
    },

    /**
     * Deletes some vectors of encoders that are not named, so that a statement stays short.
     * @returns how many; 0 when there are none left
     */
    async deleteOthers(encoders: readonly string[], limit: number): Promise<number> {
      return sql.begin(async (tx) => {
        const gone = await tx<{ uploadId: string; model: string }[]>`
          delete from embeddings where ctid in (
            select ctid from embeddings where model <> all(${[...encoders]}) limit ${limit})
          returning upload_id, model`
        const ids = [...new Set(gone.map(({ uploadId }) => uploadId))]
        if (ids.length > 0) {
          await tx`delete from embedded_uploads where upload_id = any(${ids}::uuid[]) and model <> all(${[...encoders]})`
        } else await tx`delete from embedded_uploads where model <> all(${[...encoders]})`
        return gone.length
      })
    },
  }
}
