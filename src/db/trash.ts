import type { Sql } from './client.ts'
import { type UploadRow, uploadColumns } from './uploads.ts'

export type TrashedRow = UploadRow & { trashedAt: Date; sortValue: string }

/** An upload whose row is gone; its files are to follow. */
export interface RemovedUpload {
  id: string
  userId: string
}

export type TrashStore = ReturnType<typeof createTrashStore>

/** Putting uploads away, bringing them back, and removing them for good. */
export function createTrashStore(sql: Sql) {
  const columns = uploadColumns(sql)
  return {
    /**
     * Ids of those that were the user's and are in the trash now. What was being developed is taken from whoever does:
     * it waits again, and the attempt does not count.
     */
    async trash(userId: string, ids: readonly string[]): Promise<string[]> {
      const rows = await sql<{ id: string }[]>`
        update uploads set trashed_at = now(), updated_at = now(), leased_by = null,
          stage = case when leased_by is null then stage else 'queued' end,
          attempts = case when leased_by is null then attempts else attempts - 1 end,
          status = case when leased_by is null then status else 'pending' end
        where user_id = ${userId} and id = any(${ids as string[]}::uuid[]) and trashed_at is null returning id`
      return rows.map((row) => row.id)
    },

    /** Those that were in the trash, as they are again. What still waits does so as a single upload. */
    async restore(userId: string, ids: readonly string[]): Promise<UploadRow[]> {
      return sql<UploadRow[]>`
        update uploads u set trashed_at = null, updated_at = now(),
          lane = case when u.status = 'pending' then 'interactive' else u.lane end
        where u.user_id = ${userId} and u.id = any(${ids as string[]}::uuid[]) and u.trashed_at is not null
        returning ${columns}`
    },

    /** What was put away last comes first; ask for one row more to know whether there is a next page. */
    async list(userId: string, limit: number, after?: { value: string; id: string }): Promise<TrashedRow[]> {
      return sql<TrashedRow[]>`
        select ${columns}, to_char(u.trashed_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as sort_value
        from uploads u where u.user_id = ${userId} and u.trashed_at is not null
          ${after ? sql`and (u.trashed_at, u.id) < (${after.value}::timestamptz, ${after.id}::uuid)` : sql``}
        order by u.trashed_at desc, u.id desc limit ${limit}`
    },

    /** Removes rows for good, in the trash or not. Ids of those that were the user's. */
    async remove(userId: string, ids: readonly string[]): Promise<string[]> {
      const rows = await sql<{ id: string }[]>`
        delete from uploads where user_id = ${userId} and id = any(${ids as string[]}::uuid[]) returning id`
      return rows.map((row) => row.id)
    },

    /** Removes at most `limit` rows that were in the trash before a moment: of one user, or of all. */
    async removeTrashed(before: Date, limit: number, userId?: string): Promise<RemovedUpload[]> {
      return sql<RemovedUpload[]>`
        delete from uploads where trashed_at is not null and id in (
          select id from uploads where trashed_at <= ${before} ${userId ? sql`and user_id = ${userId}` : sql``}
          order by trashed_at limit ${limit})
        returning id, user_id`
    },
  }
}
