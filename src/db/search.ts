import type { FileType } from '../schemas/uploads.ts'
import type { Sql } from './client.ts'
import { vectorLiteral } from './processing.ts'

/** One upload that a signal found, and how well. */
export interface SignalHit {
  uploadId: string
  score: number
  /** Where in a video; 0 for a picture, -1 for a description. */
  frameMs: number
}

export interface SearchFilter {
  fileType?: FileType | undefined
  showHidden: boolean
}

export type SearchStore = ReturnType<typeof createSearchStore>

/** The signals of a search, each the best uploads of one user by one measure. Filters apply before the limit. */
export function createSearchStore(sql: Sql) {
  const visible = ({ fileType, showHidden }: SearchFilter) => sql`
    u.status = 'completed'
    ${showHidden ? sql`` : sql`and not u.hidden`}
    ${fileType ? sql`and u.file_type = ${fileType}` : sql``}`

  return {
    /**
     * Uploads with any of the words, the more and the weightier the better. Any, not all: people type sentences, and
     * the rank puts those with all words first.
     */
    async byText(userId: string, query: string, filter: SearchFilter, limit: number): Promise<SignalHit[]> {
      return sql<SignalHit[]>`
        with words as (
          select nullif(replace(plainto_tsquery('english', ${query})::text, '&', '|'), '')::tsquery as stems,
            nullif(replace(plainto_tsquery('simple', ${query})::text, '&', '|'), '')::tsquery as plain
        ), query as (
          -- Words that English leaves out ("the", "a") count only where nothing else is asked.
          select case when stems is null then plain else stems || plain end as q from words
        )
        select u.id as upload_id, ts_rank(u.search_document, query.q, 1) as score, 0 as frame_ms
        from uploads u, query
        where u.user_id = ${userId} and u.search_document @@ query.q and ${visible(filter)}
        order by score desc, u.id desc limit ${limit}`
    },

    /**
     * Uploads with a vector of this model near the query's, by cosine; of several vectors the closest counts.
     * @param floor below this cosine a neighbour is noise.
     */
    async byVector(
      userId: string,
      model: string,
      vector: Float32Array,
      floor: number,
      filter: SearchFilter,
      limit: number,
    ): Promise<SignalHit[]> {
      return sql<SignalHit[]>`
        with measured as materialized (
          select e.upload_id, e.frame_ms, 1 - (e.vector <=> ${vectorLiteral(vector)}::vector) as score
          from embeddings e join uploads u on u.id = e.upload_id
          where e.model = ${model} and e.user_id = ${userId} and ${visible(filter)}
        ), best as (
          select distinct on (upload_id) upload_id, frame_ms, score from measured
          where score >= ${floor} order by upload_id, score desc
        )
        select upload_id, frame_ms, score from best order by score desc, upload_id desc limit ${limit}`
    },

    /** The vectors of one upload, as pgvector's text; empty when it has none of this model. */
    async findVectors(userId: string, uploadId: string, model: string): Promise<Float32Array[]> {
      const rows = await sql<{ vector: string }[]>`
        select vector::text from embeddings
        where upload_id = ${uploadId} and user_id = ${userId} and model = ${model} order by frame_ms, part`
      return rows.map((row) => Float32Array.from(JSON.parse(row.vector) as number[]))
    },
  }
}
