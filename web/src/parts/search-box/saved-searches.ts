import { effect, type ReadonlySignal, signal } from '@preact/signals'
import type { UploadFilter } from '../../../../src/schemas/filters.ts'
import type { SavedSearch } from '../../../../src/schemas/saved-searches.ts'
import { get, send } from '../../api/client.ts'
import { user } from '../../api/session.ts'

const kept = signal<readonly SavedSearch[] | undefined>(undefined)

/** The newest first. Undefined until they were asked for. */
export const savedSearches: ReadonlySignal<readonly SavedSearch[] | undefined> = kept

let owner: string | undefined

// Another account has other searches.
effect(() => {
  if (user.value?.id === owner) return
  owner = user.value?.id
  kept.value = undefined
})

/** Asks for them once; what changes here is known without asking again. */
export async function loadSavedSearches(): Promise<void> {
  if (kept.peek() !== undefined) return
  const { items } = await get<{ items: SavedSearch[] }>('/v1/searches')
  kept.value = items
}

export async function saveSearch(name: string, query: string, filter: UploadFilter): Promise<void> {
  const saved = await send<SavedSearch>('POST', '/v1/searches', { name, query, filter })
  kept.value = [saved, ...(kept.peek() ?? [])]
}

export async function renameSearch(id: string, name: string): Promise<void> {
  const renamed = await send<SavedSearch>('PATCH', `/v1/searches/${id}`, { name })
  kept.value = kept.peek()?.map((item) => (item.id === id ? renamed : item))
}

export async function removeSearch(id: string): Promise<void> {
  await send('DELETE', `/v1/searches/${id}`)
  kept.value = kept.peek()?.filter((item) => item.id !== id)
}
