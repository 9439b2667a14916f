import type { Sql } from './client.ts'

/** What a user keeps. The trash is part of `uploads` and `originalBytes`. */
export interface UsageRow {
  uploads: number
  originalBytes: number
  renditionBytes: number
  trashed: number
  trashedBytes: number
  /** Set for this user; null: what the configuration says. */
  quotaBytes: number | null
  quotaFiles: number | null
}

export type UsageStore = ReturnType<typeof createUsageStore>

/** How much everybody keeps. The counts are kept by triggers, so that this reads one row. */
export function createUsageStore(sql: Sql) {
  return {
    async find(userId: string): Promise<UsageRow | undefined> {
      const [row] = await sql<UsageRow[]>`
        select coalesce(g.uploads, 0) as uploads, coalesce(g.original_bytes, 0) as original_bytes,
          coalesce(g.rendition_bytes, 0) as rendition_bytes, coalesce(g.trashed, 0) as trashed,
          coalesce(g.trashed_bytes, 0) as trashed_bytes, u.quota_bytes, u.quota_files
        from users u left join library_usage g on g.user_id = u.id where u.id = ${userId}`
      return row
    },
  }
}
