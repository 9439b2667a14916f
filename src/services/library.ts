import { createHash } from 'node:crypto'
import type { LibraryStore, TimelineRow, UploadPosition } from '../db/library.ts'
import type { WordScope } from '../db/upload-scope.ts'
import type { AlbumPageQuery, AlbumRule } from '../schemas/albums.ts'
import type { Timeline, TimelineQuery, UploadListQuery } from '../schemas/library.ts'
import type { Upload, UploadSort } from '../schemas/uploads.ts'
import { decodeCursor, encodeCursor, isExactly, isId, isMoment, isSeconds, isSize, isText } from './cursor.ts'
import { readFilter, readRule } from './filters.ts'
import { toUpload } from './present.ts'

const PAGE_DEFAULT = 50

/** What a rule finds is shown by the time it was taken, the newest first. */
export const RULE_SORT = '-taken_at'

interface PageAsked {
  limit?: number | undefined
  cursor?: string | undefined
}

interface UploadPage {
  items: Upload[]
  next_cursor: string | null
}

export type LibraryService = ReturnType<typeof createLibraryService>

/** A user's uploads as a whole: in order, page by page, and counted. */
export function createLibraryService({ library }: { library: LibraryStore }) {
  /** @param asked what the scope was read from: a cursor goes on only with the same */
  async function readPage(scope: WordScope, asked: AlbumRule, sort: UploadSort, page: PageAsked) {
    const { limit = PAGE_DEFAULT, cursor } = page
    const mark = filterMark(asked)
    const rows = await library.list(scope, sort, limit + 1, readPosition(sort, mark, cursor))
    const shown = rows.slice(0, limit)
    const last = rows.length > limit ? shown.at(-1) : undefined
    return {
      items: shown.map(toUpload),
      next_cursor: last ? encodeCursor([sort, mark, last.sortValue, last.id]) : null,
    }
  }

  return {
    /** Throws CURSOR_INVALID, also for a cursor of another order or another filter; VALIDATION_FAILED. */
    async list(userId: string, query: UploadListQuery): Promise<UploadPage> {
      const { sort = '-created_at', limit, cursor, date_from, date_to, ...filter } = query
      const asked = {
        ...(date_from === undefined ? {} : { taken_after: date_from }),
        ...(date_to === undefined ? {} : { taken_before: date_to }),
        ...filter,
      }
      return readPage({ userId, conditions: [readFilter(asked)] }, asked, sort, { limit, cursor })
    },

    /** What the rule of an album finds. Throws CURSOR_INVALID, also for a cursor of another rule. */
    async listByRule(userId: string, rule: AlbumRule, page: AlbumPageQuery): Promise<UploadPage> {
      return readPage(readRule(userId, rule), rule, RULE_SORT, page)
    },

    /** Throws VALIDATION_FAILED. */
    async timeline(userId: string, { by = 'taken', ...filter }: TimelineQuery): Promise<Timeline> {
      const rows = await library.timeline(userId, readFilter(filter), by)
      return {
        total: rows.reduce((sum, row) => sum + row.count, 0),
        months: tally(rows, (row) => row.month).map(([month, count]) => ({ month, count })),
        statuses: Object.fromEntries(tally(rows, (row) => row.status)),
        file_types: Object.fromEntries(tally(rows, (row) => row.fileType)),
      }
    },
  }
}

/** In the order in which the keys first come. */
function tally(rows: readonly TimelineRow[], key: (row: TimelineRow) => string): [string, number][] {
  const counts = new Map<string, number>()
  for (const row of rows) counts.set(key(row), (counts.get(key(row)) ?? 0) + row.count)
  return [...counts]
}

/** Enough of a hash to notice that a cursor meets another filter; nothing is protected by it. */
const MARK_LENGTH = 12

function filterMark(filter: AlbumRule): string {
  const given = Object.entries({ show_hidden: false, ...filter }).filter(([, value]) => value !== undefined)
  return createHash('sha256').update(JSON.stringify(given.sort())).digest('base64url').slice(0, MARK_LENGTH)
}

const SORT_VALUE = {
  created_at: isMoment,
  taken_at: isMoment,
  file_size: isSize,
  duration: isSeconds,
  filename: isText,
} as const

/** A cursor goes on only in the order and with the filter that gave it out. */
function readPosition(sort: UploadSort, mark: string, cursor: string | undefined): UploadPosition | undefined {
  if (cursor === undefined) return undefined
  const isValue = SORT_VALUE[sort.replace(/^-/, '') as keyof typeof SORT_VALUE]
  const [, , value = '', id = ''] = decodeCursor(cursor, [isExactly(sort), isExactly(mark), isValue, isId])
  return { value, id }
}
