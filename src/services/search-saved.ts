import { v7 as uuidv7 } from 'uuid'
import type { SavedSearchRow, SavedSearchStore } from '../db/saved-searches.ts'
import { AppError } from '../errors.ts'
import type { NewSavedSearch, SavedSearch, SavedSearchPatch, SavedSearchRun } from '../schemas/saved-searches.ts'
import type { SearchResult } from '../schemas/search.ts'
import { readFilter } from './filters.ts'
import { parseQuery } from './query-language/parse.ts'
import type { SearchService } from './search.ts'

/** More than anybody names; the list is not paged. */
const SAVED_MAX = 500

export type SavedSearches = ReturnType<typeof createSavedSearches>

/** Searches that are kept under a name. What is kept was understood when it was saved. */
export function createSavedSearches({ saved, search }: { saved: SavedSearchStore; search: SearchService }) {
  async function get(userId: string, id: string): Promise<SavedSearchRow> {
    const row = await saved.find(userId, id)
    if (!row) throw new AppError('SAVED_SEARCH_NOT_FOUND')
    return row
  }

  return {
    /** @throws AppError QUERY_INVALID, VALIDATION_FAILED */
    async create(userId: string, { name, query, filter = {} }: NewSavedSearch): Promise<SavedSearch> {
      parseQuery(query)
      readFilter(filter)
      if ((await saved.count(userId)) >= SAVED_MAX) {
        throw new AppError('VALIDATION_FAILED', { detail: `An account keeps at most ${SAVED_MAX} searches.` })
      }
      return toSavedSearch(await saved.insert(userId, { id: uuidv7(), name, query, filter }))
    },

    async list(userId: string): Promise<{ items: SavedSearch[] }> {
      return { items: (await saved.list(userId, SAVED_MAX)).map(toSavedSearch) }
    },

    async get(userId: string, id: string): Promise<SavedSearch> {
      return toSavedSearch(await get(userId, id))
    },

    /** @throws AppError SAVED_SEARCH_NOT_FOUND, QUERY_INVALID, VALIDATION_FAILED */
    async change(userId: string, id: string, patch: SavedSearchPatch): Promise<SavedSearch> {
      if (patch.query !== undefined) parseQuery(patch.query)
      if (patch.filter !== undefined) readFilter(patch.filter)
      const row = await saved.update(userId, id, patch)
      if (!row) throw new AppError('SAVED_SEARCH_NOT_FOUND')
      return toSavedSearch(row)
    },

    async remove(userId: string, id: string): Promise<void> {
      if (!(await saved.remove(userId, id))) throw new AppError('SAVED_SEARCH_NOT_FOUND')
    },

    /** What it finds now. */
    async run(userId: string, id: string, page: SavedSearchRun): Promise<SearchResult> {
      const { query, filter } = await get(userId, id)
      return search.find(userId, { query, ...filter, ...page })
    },
  }
}

function toSavedSearch({ id, name, query, filter, createdAt, updatedAt }: SavedSearchRow): SavedSearch {
  return { id, name, query, filter, created_at: createdAt.toISOString(), updated_at: updatedAt.toISOString() }
}
