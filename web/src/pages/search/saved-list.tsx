import { useEffect, useState } from 'preact/hooks'
import type { SavedSearch } from '../../../../src/schemas/saved-searches.ts'
import { sentence } from '../../api/client.ts'
import { Link } from '../../app/router.tsx'
import { toast } from '../../app/toasts.tsx'
import { IconButton } from '../../parts/button.tsx'
import { ErrorNote } from '../../parts/error-note.tsx'
import { Icon } from '../../parts/icons.tsx'
import { forgetSearch, recentSearches } from '../../parts/search-box/recent-searches.ts'
import { loadSavedSearches, removeSearch, savedSearches, saveSearch } from '../../parts/search-box/saved-searches.ts'
import { searchAddress } from '../../parts/search-box/search-address.ts'
import { NameSearch } from './name-search.tsx'

/** Searches that are kept under a name: a press runs one. */
export function SavedList() {
  const [error, setError] = useState<unknown>(undefined)
  const [renamed, setRenamed] = useState<SavedSearch | undefined>(undefined)
  const load = () => {
    setError(undefined)
    loadSavedSearches().catch(setError)
  }
  useEffect(load, [])
  const saved = savedSearches.value ?? []
  if (error !== undefined) return <ErrorNote error={error} retry={load} />
  if (saved.length === 0) return null
  return (
    <section aria-labelledby="saved-searches">
      <h2 id="saved-searches">Saved searches</h2>
      <ul class="search-rows">
        {saved.map((item) => (
          <li key={item.id} class="search-row">
            <Icon name="bookmark" size={18} />
            <Link href={searchAddress(item.query, item.filter)}>
              <span>{item.name}</span>
              <code class="muted">{describe(item)}</code>
            </Link>
            <IconButton icon="edit" label={`Rename ${item.name}`} onClick={() => setRenamed(item)} />
            <IconButton icon="trash" label={`Delete ${item.name}`} onClick={() => remove(item)} />
          </li>
        ))}
      </ul>
      {renamed && <NameSearch search={renamed} onClose={() => setRenamed(undefined)} />}
    </section>
  )
}

/** What was looked for lately, in this browser. */
export function RecentList() {
  const recent = recentSearches.value
  if (recent.length === 0) return null
  return (
    <section aria-labelledby="recent-searches">
      <h2 id="recent-searches">Recent searches</h2>
      <ul class="search-rows">
        {recent.map((text) => (
          <li key={text} class="search-row">
            <Icon name="clock" size={18} />
            <Link href={searchAddress(text)}>
              <span>{text}</span>
            </Link>
            <IconButton icon="close" label={`Forget ${text}`} onClick={() => forgetSearch(text)} />
          </li>
        ))}
      </ul>
    </section>
  )
}

async function remove({ id, name, query, filter }: SavedSearch): Promise<void> {
  try {
    await removeSearch(id)
    const undo = () => void saveSearch(name, query, filter).catch(tell)
    toast(`“${name}” is deleted.`, { action: { label: 'Undo', run: undo } })
  } catch (thrown) {
    tell(thrown)
  }
}

const tell = (thrown: unknown) => toast(sentence(thrown), { kind: 'error' })

function describe({ query, filter }: SavedSearch): string {
  const beside = Object.entries(filter).map(([name, value]) => `${name.replaceAll('_', ' ')}: ${value}`)
  return [query, ...beside].filter((part) => part !== '').join(' · ')
}
