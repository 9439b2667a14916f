import type { AlbumRule } from '../schemas/albums.ts'
import type { Sql } from './client.ts'
import { uploadFilter } from './upload-filter.ts'
import { askInScope, type WordScope } from './upload-scope.ts'
import { type UploadRow, uploadColumns } from './uploads.ts'

export interface AlbumRow {
  id: string
  userId: string
  name: string
  /** Null for an album whose members are added by hand. */
  rule: AlbumRule | null
  coverId: string | null
  createdAt: Date
  updatedAt: Date
}

export interface NewAlbum {
  id: string
  userId: string
  name: string
  rule: AlbumRule | null
}

/** What is not named stays. */
export interface AlbumChanges {
  name?: string | undefined
  rule?: AlbumRule | undefined
  coverId?: string | null | undefined
}

export type MemberRow = UploadRow & { position: number }

/** How many are in an album, and the one that stands for it when nobody chose another. */
export interface AlbumSummary {
  count: number
  firstId: string | null
}

export type AlbumStore = ReturnType<typeof createAlbumStore>

/** Albums, scoped by user. Members in the trash are not seen, and are there again when they come back. */
export function createAlbumStore(sql: Sql) {
  // A cover in the trash is none until it is back.
  const columns = sql`
    a.id, a.user_id, a.name, a.rule, a.created_at, a.updated_at,
    (select u.id from uploads u where u.id = a.cover_id and u.trashed_at is null) as cover_id`

  return {
    async create({ id, userId, name, rule }: NewAlbum): Promise<AlbumRow | undefined> {
      const [row] = await sql<AlbumRow[]>`
        insert into albums as a (id, user_id, name, rule)
        values (${id}, ${userId}, ${name}, ${rule === null ? null : sql.json({ ...rule })}) returning ${columns}`
      return row
    },

    async find(userId: string, id: string): Promise<AlbumRow | undefined> {
      const [row] = await sql<AlbumRow[]>`
        select ${columns} from albums a where a.user_id = ${userId} and a.id = ${id}`
      return row
    },

    /** The newest first, after the given id. */
    async list(userId: string, limit: number, beforeId?: string): Promise<AlbumRow[]> {
      return sql<AlbumRow[]>`
        select ${columns} from albums a where a.user_id = ${userId} ${beforeId ? sql`and a.id < ${beforeId}` : sql``}
        order by a.id desc limit ${limit}`
    },

    /** A cover has to be an upload of the user; another one changes nothing. */
    async change(userId: string, id: string, { name, rule, coverId }: AlbumChanges): Promise<AlbumRow | undefined> {
      const isOwn = sql`exists (
        select 1 from uploads u where u.user_id = ${userId} and u.id = ${coverId ?? null} and u.trashed_at is null)`
      const [row] = await sql<AlbumRow[]>`
        update albums a set updated_at = now()
          ${name === undefined ? sql`` : sql`, name = ${name}`}
          ${rule === undefined ? sql`` : sql`, rule = ${sql.json({ ...rule })}`}
          ${coverId === undefined ? sql`` : sql`, cover_id = ${coverId}`}
        where a.user_id = ${userId} and a.id = ${id} ${typeof coverId === 'string' ? sql`and ${isOwn}` : sql``}
        returning a.id`
      return row && this.find(userId, id)
    },

    async remove(userId: string, id: string): Promise<boolean> {
      const { count } = await sql`delete from albums where user_id = ${userId} and id = ${id}`
      return count === 1
    },

    /** Adds at the end, in the order given; those that are there keep their place. The ids that are uploads of the user. */
    async add(userId: string, id: string, uploadIds: readonly string[]): Promise<string[]> {
      const rows = await sql<{ id: string }[]>`
        with asked as (
          select u.id, min(o.place) as place from unnest(${uploadIds as string[]}::uuid[]) with ordinality as o (id, place)
          join uploads u on u.id = o.id
          where u.user_id = ${userId} and u.trashed_at is null group by u.id
        ), added as (
          insert into album_items (album_id, upload_id)
          select a.id, asked.id from asked, albums a
          where a.user_id = ${userId} and a.id = ${id} and a.rule is null order by asked.place
          on conflict do nothing
        )
        select id from asked`
      return rows.map((row) => row.id)
    },

    /** The ids of those that were in it. */
    async take(userId: string, id: string, uploadIds: readonly string[]): Promise<string[]> {
      const rows = await sql<{ uploadId: string }[]>`
        delete from album_items i using albums a
        where a.id = i.album_id and a.user_id = ${userId} and a.id = ${id}
          and i.upload_id = any(${uploadIds as string[]}::uuid[]) returning i.upload_id`
      return rows.map((row) => row.uploadId)
    },

    /** Members in the order in which they were added, after a position. */
    async listMembers(userId: string, id: string, limit: number, after = 0): Promise<MemberRow[]> {
      return sql<MemberRow[]>`
        select ${uploadColumns(sql)}, i.position from album_items i join uploads u on u.id = i.upload_id
        where i.album_id = ${id} and i.position > ${after} and ${uploadFilter(sql, userId)}
        order by i.position limit ${limit}`
    },

    async summarize(userId: string, id: string): Promise<AlbumSummary> {
      const [row] = await sql<AlbumSummary[]>`
        select count(*) as count, (array_agg(u.id order by i.position))[1] as first_id
        from album_items i join uploads u on u.id = i.upload_id
        where i.album_id = ${id} and ${uploadFilter(sql, userId)}`
      return row ?? { count: 0, firstId: null }
    },

    async summarizeRule(scope: WordScope): Promise<AlbumSummary> {
      const [row] = await askInScope<AlbumSummary>(
        sql,
        scope,
        (condition) => sql`
          select (select count(*) from uploads u where ${condition}) as count, (
            select u.id from uploads u where ${condition}
            order by coalesce(u.taken_at, u.created_at) desc, u.id desc limit 1) as first_id`,
      )
      return row ?? { count: 0, firstId: null }
    },
  }
}
