import type { Sql } from './client.ts'

export interface SearchStatsRow {
  uploads: number
  indexed: number
  withDescription: number
  withText: number
}

export interface ModelStatsRow {
  model: string
  vectors: number
  uploads: number
}

export type SearchStatsStore = ReturnType<typeof createSearchStatsStore>

/** How much of a user's library can be found, and by what. The trash does not count. */
export function createSearchStatsStore(sql: Sql) {
  return {
    async countUploads(userId: string): Promise<SearchStatsRow> {
      const [row] = await sql<[SearchStatsRow]>`
        select count(*) as uploads, count(*) filter (where status = 'completed') as indexed,
          count(*) filter (where status = 'completed' and description <> '') as with_description,
          count(*) filter (where status = 'completed' and ocr_text <> '') as with_text
        from uploads where user_id = ${userId} and trashed_at is null`
      return row
    },

    async countVectors(userId: string): Promise<ModelStatsRow[]> {
      return sql<ModelStatsRow[]>`
        select e.model, count(*) as vectors, count(distinct e.upload_id) as uploads
        from embeddings e join uploads u on u.id = e.upload_id
        where e.user_id = ${userId} and u.trashed_at is null and u.status = 'completed' group by e.model order by e.model`
    },
  }
}
