import type { Sql } from './client.ts'
import { createSavedSearchStore } from './saved-searches.ts'
import { createSearchStore } from './search.ts'
import { createSnippetStore } from './search-snippets.ts'
import { createSearchStatsStore } from './search-stats.ts'
import { createSuggestionStore } from './search-suggestions.ts'

/** All that searching reads and keeps. */
export function createSearchStores(sql: Sql) {
  return {
    search: createSearchStore(sql),
    snippets: createSnippetStore(sql),
    suggestions: createSuggestionStore(sql),
    stats: createSearchStatsStore(sql),
    saved: createSavedSearchStore(sql),
  }
}
