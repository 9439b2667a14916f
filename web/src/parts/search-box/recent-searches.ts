import { computed, type ReadonlySignal, signal } from '@preact/signals'
import { user } from '../../api/session.ts'

/** More than anybody looks through under a box. */
const RECENT_MAX = 8

/** Each account of a shared browser has its own; what one looked for is nobody else's. */
const keyOf = (userId: string) => `darkroom-recent-searches:${userId}`

const changes = signal(0)

/** What was looked for lately in this browser, the newest first. */
export const recentSearches: ReadonlySignal<readonly string[]> = computed(() => {
  // Read: a change of what is kept is a change of this.
  changes.value
  const userId = user.value?.id
  return userId === undefined ? [] : read(userId)
})

/** Remembers a query that was run. */
export function rememberSearch(query: string): void {
  const text = query.trim()
  if (text === '') return
  write([text, ...recentSearches.peek().filter((other) => other !== text)].slice(0, RECENT_MAX))
}

export function forgetSearch(query: string): void {
  write(recentSearches.peek().filter((other) => other !== query))
}

function read(userId: string): string[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(keyOf(userId)) ?? '[]')
    return Array.isArray(kept) ? kept.filter((item) => typeof item === 'string') : []
  } catch {
    // Forbidden or broken storage: nothing is remembered then.
    return []
  }
}

function write(searches: readonly string[]): void {
  const userId = user.peek()?.id
  if (userId === undefined) return
  try {
    localStorage.setItem(keyOf(userId), JSON.stringify(searches))
  } catch {
    return
  }
  changes.value += 1
}
