import type { Sql } from './client.ts'
import { indexedWords, toSearchWords } from './search-words.ts'
import type { SeenObject } from './upload-changes.ts'
import { type UploadRow, uploadColumns } from './uploads.ts'
import { DESCRIPTION_FRAME, forgetOtherEncoders, insertEmbeddings, type NewEmbedding } from './vectors.ts'

/** What an owner may change. Null: back to what the file or the models say. */
export interface UploadEdits {
  description?: string | null | undefined
  takenAt?: Date | null | undefined
  place?: { latitude: number; longitude: number } | null | undefined
  hidden?: boolean | undefined
}

/** An upload with what its next description depends on. */
export type EditableRow = UploadRow & { objects: readonly SeenObject[]; foundDescription: string | null }

/** The vectors that a description is to be found by. */
export interface NewDescription {
  /** Fingerprint of the encoder that made them. */
  model: string
  /** Both encoders of its pack. Others have to look at the upload again, should they be used. */
  encoders: readonly string[]
  embeddings: readonly NewEmbedding[]
}

export type UploadEditStore = ReturnType<typeof createUploadEditStore>

/** What owners say about their uploads, kept over what is found. */
export function createUploadEditStore(sql: Sql) {
  const columns = uploadColumns(sql)
  return {
    async find(userId: string, id: string): Promise<EditableRow | undefined> {
      const [row] = await sql<EditableRow[]>`
        select ${columns}, u.objects, u.found_description from uploads u
        where u.user_id = ${userId} and u.id = ${id} and u.trashed_at is null`
      return row
    },

    /**
     * Changes everything at once. A new description of a completed upload is found by the moment this resolves; one that
     * is still being developed embeds it itself. Undefined when the upload is gone, or was described or developed since `seen`.
     */
    async apply(seen: EditableRow, edits: UploadEdits, description?: NewDescription): Promise<UploadRow | undefined> {
      return sql.begin(async (tx) => {
        const [row] = await tx<UploadRow[]>`
          update uploads u set updated_at = now()
            ${description ? assignDescription(edits.description ?? null) : tx``}
            ${edits.takenAt === undefined ? tx`` : assignTakenAt(edits.takenAt)}
            ${edits.place === undefined ? tx`` : assignPlace(edits.place)}
            ${edits.hidden === undefined ? tx`` : tx`, hidden = ${edits.hidden}`}
          where u.user_id = ${seen.userId} and u.id = ${seen.id} and u.trashed_at is null
            and u.found_description is not distinct from ${seen.foundDescription}
            and u.description_edited = ${seen.descriptionEdited}
            and (u.status = 'completed') = ${seen.status === 'completed'}
          returning ${columns}`
        if (row?.status !== 'completed' || !description) return row
        await tx`update uploads set ${indexedWords(tx, toSearchWords(row))} where id = ${row.id}`
        await tx`
          delete from embeddings
          where upload_id = ${row.id} and model = ${description.model} and frame_ms = ${DESCRIPTION_FRAME}`
        await insertEmbeddings(tx, row.id, row.userId, description.embeddings)
        await forgetOtherEncoders(tx, row.id, description.encoders)
        return row
      })
    },
  }

  function assignDescription(text: string | null) {
    // What waits for nothing but its words has to be embedded first.
    const stage = sql`next_stage = case when u.next_stage = 'index' then 'embed' else u.next_stage end`
    if (text === null) {
      return sql`, description = case when u.description_edited then u.found_description else u.description end,
        found_description = null, description_edited = false, ${stage}`
    }
    return sql`, description = ${text}, description_edited = true, ${stage},
      found_description = case when u.description_edited then u.found_description else u.description end`
  }

  function assignTakenAt(takenAt: Date | null) {
    if (takenAt === null) {
      return sql`, taken_at = case when u.taken_at_edited then u.found_taken_at else u.taken_at end,
        found_taken_at = null, taken_at_edited = false`
    }
    return sql`, taken_at = ${takenAt}, taken_at_edited = true,
      found_taken_at = case when u.taken_at_edited then u.found_taken_at else u.taken_at end`
  }

  function assignPlace(place: { latitude: number; longitude: number } | null) {
    if (place === null) {
      return sql`, latitude = case when u.place_edited then u.found_latitude else u.latitude end,
        longitude = case when u.place_edited then u.found_longitude else u.longitude end,
        found_latitude = null, found_longitude = null, place_edited = false`
    }
    return sql`, latitude = ${place.latitude}, longitude = ${place.longitude}, place_edited = true,
      found_latitude = case when u.place_edited then u.found_latitude else u.latitude end,
      found_longitude = case when u.place_edited then u.found_longitude else u.longitude end`
  }
}
