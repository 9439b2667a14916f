import { useEffect } from 'preact/hooks'
import { type Completion, completionsAt, prefixAt } from './completions.ts'
import { recentSearches } from './recent-searches.ts'
import { loadSavedSearches, savedSearches } from './saved-searches.ts'
import { searchAddress } from './search-address.ts'
import { useSuggestedWords } from './suggested-words.ts'

const RECENT_SHOWN = 5
const SAVED_SHOWN = 5

/** What the list shows: for an empty box what was looked for before, else what could stand at the caret. */
export function useCompletions(text: string, caret: number, isOpen: boolean): readonly Completion[] {
  const words = useSuggestedWords(isOpen ? prefixAt(text, caret) : '')
  useEffect(() => {
    // Without them there is only less to choose from.
    if (isOpen) loadSavedSearches().catch(() => undefined)
  }, [isOpen])
  if (!isOpen) return []
  return text.trim() === '' ? earlierSearches() : completionsAt(text, caret, words)
}

function earlierSearches(): Completion[] {
  const recent = recentSearches.value.slice(0, RECENT_SHOWN).map((query) => toCompletion('recent', query, query))
  const saved = (savedSearches.value ?? []).slice(0, SAVED_SHOWN).map(({ name, query, filter }) => ({
    ...toCompletion('saved', name, query),
    note: query,
    address: searchAddress(query, filter),
  }))
  return [...recent, ...saved]
}

function toCompletion(kind: 'recent' | 'saved', text: string, query: string): Completion {
  return { kind, text, note: '', query, caret: query.length }
}
