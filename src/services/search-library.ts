import type { SearchStatsStore } from '../db/search-stats.ts'
import type { SuggestionStore } from '../db/search-suggestions.ts'
import { encodersOf } from '../models/pack.ts'
import type { SearchStats, SuggestionList, SuggestionQuery } from '../schemas/search.ts'
import type { ActivePack } from './search-vectors.ts'

export interface SearchLibraryDeps {
  suggestions: SuggestionStore
  stats: SearchStatsStore
  pack: ActivePack
}

const SUGGESTIONS_DEFAULT = 10

export type SearchLibrary = ReturnType<typeof createSearchLibrary>

/** What there is to be found: words to search for, and how much of the library is indexed. */
export function createSearchLibrary({ suggestions, stats, pack }: SearchLibraryDeps) {
  return {
    /** The user's own words that begin so, the most frequent first. */
    async suggest(userId: string, { prefix, limit = SUGGESTIONS_DEFAULT }: SuggestionQuery): Promise<SuggestionList> {
      const rows = await suggestions.find(userId, prefix.trimStart(), limit)
      return { items: rows.map(({ word, kind, uploads }) => ({ text: word, kind, uploads })) }
    },

    async describe(userId: string): Promise<SearchStats> {
      const [counts, models] = await Promise.all([stats.countUploads(userId), stats.countVectors(userId)])
      const active = new Set(encodersOf(pack()))
      const named = new Set(models.map(({ model }) => model))
      const empty = [...active].filter((model) => !named.has(model)).map((model) => ({ model, vectors: 0, uploads: 0 }))
      return {
        uploads: counts.uploads,
        indexed: counts.indexed,
        with_description: counts.withDescription,
        with_text: counts.withText,
        models: [...models, ...empty].map((row) => ({
          ...row,
          active: active.has(row.model),
          coverage: counts.indexed === 0 ? 0 : Math.min(1, row.uploads / counts.indexed),
        })),
      }
    },
  }
}
