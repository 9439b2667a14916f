import type { UploadFilter } from '../schemas/filters.ts'
import type { Sql } from './client.ts'

export interface SavedSearchRow {
  id: string
  name: string
  query: string
  filter: UploadFilter
  createdAt: Date
  updatedAt: Date
}

export type SavedSearchStore = ReturnType<typeof createSavedSearchStore>

/** Searches that a user keeps to run them again. Every statement is scoped by user. */
export function createSavedSearchStore(sql: Sql) {
  const columns = sql`id, name, query, filter, created_at, updated_at`
  return {
    async insert(
      userId: string,
      { id, name, query, filter }: Pick<SavedSearchRow, 'id' | 'name' | 'query' | 'filter'>,
    ) {
      const [row] = await sql<[SavedSearchRow]>`
        insert into saved_searches (id, user_id, name, query, filter)
        values (${id}, ${userId}, ${name}, ${query}, ${sql.json(filter)}) returning ${columns}`
      return row
    },

    /** The newest first. */
    async list(userId: string, limit: number): Promise<SavedSearchRow[]> {
      return sql<SavedSearchRow[]>`
        select ${columns} from saved_searches where user_id = ${userId} order by created_at desc, id desc limit ${limit}`
    },

    async count(userId: string): Promise<number> {
      const [row] = await sql<[{ count: number }]>`select count(*) from saved_searches where user_id = ${userId}`
      return row.count
    },

    async find(userId: string, id: string): Promise<SavedSearchRow | undefined> {
      const [row] = await sql<SavedSearchRow[]>`
        select ${columns} from saved_searches where user_id = ${userId} and id = ${id}`
      return row
    },

    /** What is not named keeps its value. Undefined when there is no such search. */
    async update(
      userId: string,
      id: string,
      { name, query, filter }: Partial<Pick<SavedSearchRow, 'name' | 'query' | 'filter'>>,
    ): Promise<SavedSearchRow | undefined> {
      const [row] = await sql<SavedSearchRow[]>`
        update saved_searches set name = coalesce(${name ?? null}, name), query = coalesce(${query ?? null}, query),
          filter = coalesce(${filter ? sql.json(filter) : null}, filter), updated_at = now()
        where user_id = ${userId} and id = ${id} returning ${columns}`
      return row
    },

    async remove(userId: string, id: string): Promise<boolean> {
      const rows = await sql`delete from saved_searches where user_id = ${userId} and id = ${id} returning id`
      return rows.length > 0
    },
  }
}
