import type { Sql } from './client.ts'

/** What is to be packed: uploads by their ids, or an album as it is when it is packed. One of the two is null. */
export interface ArchiveContent {
  uploadIds: string[] | null
  albumId: string | null
}

export interface ArchiveRow extends ArchiveContent {
  id: string
  createdAt: Date
}

/** How long an archive can be downloaded, and how many a user has at a time: the oldest goes first. */
export interface ArchiveLimits {
  lifetimeSeconds: number
  perUser: number
}

export type ArchiveStore = ReturnType<typeof createArchiveStore>

/** Downloads that were asked for, scoped by user. */
export function createArchiveStore(sql: Sql, { lifetimeSeconds, perUser }: ArchiveLimits) {
  const alive = sql`created_at > now() - make_interval(secs => ${lifetimeSeconds})`
  return {
    async insert(userId: string, id: string, { uploadIds, albumId }: ArchiveContent): Promise<ArchiveRow> {
      return sql.begin(async (tx) => {
        const [row] = await tx<[ArchiveRow]>`
          insert into archives (id, user_id, upload_ids, album_id)
          values (${id}, ${userId}, ${uploadIds}::uuid[], ${albumId}) returning id, created_at, upload_ids, album_id`
        await tx`
          delete from archives where user_id = ${userId} and id not in (
            select id from archives where user_id = ${userId} and ${alive} order by id desc limit ${perUser})`
        return row
      })
    },

    async find(userId: string, id: string): Promise<ArchiveRow | undefined> {
      const [row] = await sql<ArchiveRow[]>`
        select id, created_at, upload_ids, album_id from archives where user_id = ${userId} and id = ${id} and ${alive}`
      return row
    },
  }
}
