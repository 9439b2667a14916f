import { v7 as createId } from 'uuid'
import type { AlbumRow, AlbumStore } from '../db/albums.ts'
import type { LibraryStore } from '../db/library.ts'
import type { SavedSearchStore } from '../db/saved-searches.ts'
import type { WordScope } from '../db/upload-scope.ts'
import { AppError } from '../errors.ts'
import type { Album, AlbumMembers, AlbumPageQuery, AlbumPatch, AlbumRule, NewAlbumRequest } from '../schemas/albums.ts'
import type { BulkResult } from '../schemas/uploads.ts'
import type { UploadPages } from './archives.ts'
import { toBulkResult } from './bulk-result.ts'
import { decodeCursor, encodeCursor, isId, isSize } from './cursor.ts'
import { readRule } from './filters.ts'
import { type LibraryService, RULE_SORT } from './library.ts'
import { toUpload } from './present.ts'

export interface AlbumServiceDeps {
  albums: AlbumStore
  library: LibraryStore
  /** Lists what a rule finds. */
  lists: Pick<LibraryService, 'listByRule'>
  /** Searches that can become a rule. */
  searches: Pick<SavedSearchStore, 'find'>
}

const PAGE_DEFAULT = 50
/** Rows in memory at a time while a whole album is read. */
const READ_PAGE = 100

export type AlbumService = ReturnType<typeof createAlbumService>

/** Uploads put together: by hand, or by a rule that is looked at whenever somebody asks. */
export function createAlbumService({ albums, library, lists, searches }: AlbumServiceDeps) {
  async function get(userId: string, id: string): Promise<AlbumRow> {
    const row = await albums.find(userId, id)
    if (!row) throw new AppError('ALBUM_NOT_FOUND')
    return row
  }

  async function present(row: AlbumRow): Promise<Album> {
    const { count, firstId } = row.rule
      ? await albums.summarizeRule(readRule(row.userId, row.rule))
      : await albums.summarize(row.userId, row.id)
    return {
      id: row.id,
      name: row.name,
      rule: row.rule,
      count,
      cover_id: row.coverId ?? firstId,
      created_at: row.createdAt.toISOString(),
      updated_at: row.updatedAt.toISOString(),
    }
  }

  async function assertByHand(userId: string, id: string): Promise<void> {
    if ((await get(userId, id)).rule) throw new AppError('ALBUM_HAS_RULE')
  }

  async function* membersOf({ userId, id }: AlbumRow): UploadPages {
    let after = 0
    for (;;) {
      const page = await albums.listMembers(userId, id, READ_PAGE, after)
      yield page
      const last = page.at(-1)
      if (!last || page.length < READ_PAGE) return
      after = last.position
    }
  }

  async function* foundBy(scope: WordScope): UploadPages {
    let after: { value: string; id: string } | undefined
    for (;;) {
      const page = await library.list(scope, RULE_SORT, READ_PAGE, after)
      yield page
      const last = page.at(-1)
      if (!last || page.length < READ_PAGE) return
      after = { value: last.sortValue, id: last.id }
    }
  }

  /** A search is copied: what becomes of it later says nothing about the album. */
  async function chooseRule(userId: string, { rule, search_id }: NewAlbumRequest): Promise<AlbumRule | undefined> {
    if (search_id === undefined) return rule
    if (rule) throw new AppError('VALIDATION_FAILED', { detail: 'An album takes a rule or a search_id, not both.' })
    const saved = await searches.find(userId, search_id)
    if (!saved) throw new AppError('SAVED_SEARCH_NOT_FOUND')
    return { query: saved.query, ...saved.filter }
  }

  return {
    /** Throws QUERY_INVALID or VALIDATION_FAILED for a rule that cannot be read; SAVED_SEARCH_NOT_FOUND. */
    async create(userId: string, request: NewAlbumRequest): Promise<Album> {
      const { name } = request
      const rule = await chooseRule(userId, request)
      if (rule) readRule(userId, rule)
      const row = await albums.create({ id: createId(), userId, name, rule: rule ?? null })
      if (!row) throw new AppError('ALBUM_NOT_FOUND')
      return present(row)
    },

    async get(userId: string, id: string): Promise<Album> {
      return present(await get(userId, id))
    },

    async list(userId: string, query: AlbumPageQuery): Promise<{ items: Album[]; next_cursor: string | null }> {
      const { limit = PAGE_DEFAULT, cursor } = query
      const [beforeId] = cursor === undefined ? [] : decodeCursor(cursor, [isId])
      const rows = await albums.list(userId, limit + 1, beforeId)
      const page = rows.slice(0, limit)
      const last = rows.length > limit ? page.at(-1) : undefined
      return { items: await Promise.all(page.map(present)), next_cursor: last ? encodeCursor([last.id]) : null }
    },

    /** Throws ALBUM_NOT_FOUND, UPLOAD_NOT_FOUND for the cover, QUERY_INVALID, VALIDATION_FAILED. */
    async change(userId: string, id: string, { name, rule, cover_id }: AlbumPatch): Promise<Album> {
      const { rule: known } = await get(userId, id)
      if (rule) readRule(userId, rule)
      if (rule && !known) {
        throw new AppError('VALIDATION_FAILED', { detail: 'An album whose uploads were added by hand takes no rule.' })
      }
      const row = await albums.change(userId, id, { name, rule, coverId: cover_id })
      if (row) return present(row)
      await get(userId, id)
      throw new AppError('UPLOAD_NOT_FOUND')
    },

    /** The uploads stay. Throws ALBUM_NOT_FOUND. */
    async remove(userId: string, id: string): Promise<void> {
      if (!(await albums.remove(userId, id))) throw new AppError('ALBUM_NOT_FOUND')
    },

    /** Throws ALBUM_NOT_FOUND, ALBUM_HAS_RULE. */
    async add(userId: string, id: string, uploadIds: readonly string[]): Promise<BulkResult> {
      await assertByHand(userId, id)
      return toBulkResult(uploadIds, await albums.add(userId, id, uploadIds))
    },

    /** Throws ALBUM_NOT_FOUND, ALBUM_HAS_RULE. */
    async take(userId: string, id: string, uploadIds: readonly string[]): Promise<BulkResult> {
      await assertByHand(userId, id)
      return toBulkResult(uploadIds, await albums.take(userId, id, uploadIds))
    },

    /** In the order in which they were added; what a rule finds, the newest first. Throws ALBUM_NOT_FOUND, CURSOR_INVALID. */
    async members(userId: string, id: string, query: AlbumPageQuery): Promise<AlbumMembers> {
      const { rule } = await get(userId, id)
      if (rule) return lists.listByRule(userId, rule, query)
      const { limit = PAGE_DEFAULT, cursor } = query
      const [, after] = cursor === undefined ? [] : decodeCursor(cursor, [(text) => text === id, isSize])
      const rows = await albums.listMembers(userId, id, limit + 1, after === undefined ? undefined : Number(after))
      const page = rows.slice(0, limit)
      const last = rows.length > limit ? page.at(-1) : undefined
      return { items: page.map(toUpload), next_cursor: last ? encodeCursor([id, last.position]) : null }
    },

    /** The name of an album, and all that is in it page by page. Throws ALBUM_NOT_FOUND. */
    async read(userId: string, id: string): Promise<{ name: string; pages: UploadPages }> {
      const row = await get(userId, id)
      return { name: row.name, pages: row.rule ? foundBy(readRule(userId, row.rule)) : membersOf(row) }
    },
  }
}
