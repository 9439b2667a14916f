import type { FileType, UploadSort, UploadStatus } from '../schemas/uploads.ts'
import type { Sql } from './client.ts'
import { type UploadConditions, uploadFilter } from './upload-filter.ts'
import { askInScope, type WordScope } from './upload-scope.ts'
import { type UploadRow, uploadColumns } from './uploads.ts'

/** Where a page begins: the sort value and the id of the last row of the page before. */
export interface UploadPosition {
  value: string
  id: string
}

/** How many uploads of one type and status were taken (or, when unknown, handed over) in one month of UTC. */
export interface TimelineRow {
  /** `2024-07` */
  month: string
  fileType: FileType
  status: UploadStatus
  count: number
}

export type LibraryStore = ReturnType<typeof createLibraryStore>

/** A user's uploads as a whole: in order, page by page, and counted. */
export function createLibraryStore(sql: Sql) {
  const columns = uploadColumns(sql)
  return {
    /** One page by keyset; ask for one row more than is shown to know whether there is a next page. */
    async list(
      scope: WordScope,
      sort: UploadSort,
      limit: number,
      after?: UploadPosition,
    ): Promise<(UploadRow & { sortValue: string })[]> {
      const { key, type, text } = sortKey(sql, sort)
      const descending = sort.startsWith('-')
      const direction = descending ? sql`desc` : sql`asc`
      const position = after
        ? sql`and (${key}, u.id) ${descending ? sql`<` : sql`>`} (${after.value}::${type}, ${after.id}::uuid)`
        : sql``
      return askInScope(
        sql,
        scope,
        (condition) => sql`
          select ${columns}, ${text} as sort_value from uploads u
          where ${condition} ${position}
          order by ${key} ${direction}, u.id ${direction}
          limit ${limit}`,
      )
    },

    /** Months in which there is nothing are left out; the newest first. */
    async timeline(userId: string, filter: UploadConditions, by: 'taken' | 'created'): Promise<TimelineRow[]> {
      const moment = by === 'taken' ? sql`coalesce(u.taken_at, u.created_at)` : sql`u.created_at`
      return sql<TimelineRow[]>`
        select to_char(month, 'YYYY-MM') as month, file_type, status, count from (
          select date_trunc('month', ${moment} at time zone 'utc') as month, u.file_type, u.status, count(*)
          from uploads u where ${uploadFilter(sql, userId, filter)}
          group by 1, 2, 3) as counted
        order by counted.month desc, file_type, status`
    },
  }
}

type Fragment = ReturnType<typeof uploadColumns>

/** What an order compares, its type, and how a cursor keeps it. */
interface SortKey {
  key: Fragment
  type: Fragment
  text: Fragment
}

/** The expressions are those of the indexes. */
function sortKey(sql: Sql, sort: UploadSort): SortKey {
  switch (sort) {
    case 'created_at':
    case '-created_at':
      return timeKey(sql, sql`u.created_at`)
    case 'taken_at':
    case '-taken_at':
      return timeKey(sql, sql`coalesce(u.taken_at, u.created_at)`)
    case 'file_size':
    case '-file_size':
      return plainKey(sql, sql`u.file_size`, sql`bigint`)
    case 'duration':
    case '-duration':
      return plainKey(sql, sql`coalesce(u.duration_seconds, 0::real)`, sql`real`)
    case 'filename':
    case '-filename':
      return plainKey(sql, sql`u.filename`, sql`text`)
  }
}

/** As text in UTC and with all its microseconds, whatever the session shows. */
function timeKey(sql: Sql, key: Fragment): SortKey {
  const text = sql`to_char((${key}) at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`
  return { key, type: sql`timestamptz`, text }
}

function plainKey(sql: Sql, key: Fragment, type: Fragment): SortKey {
  return { key, type, text: sql`(${key})::text` }
}
