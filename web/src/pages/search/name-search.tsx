import { navigate } from '../../app/router.tsx'
import { toast } from '../../app/toasts.tsx'
import { ALBUM_NAME_MAX, makeAlbum } from '../../parts/grid/requests.ts'
import { NameDialog } from '../../parts/name-dialog.tsx'
import { renameSearch, saveSearch } from '../../parts/search-box/saved-searches.ts'
import type { Narrowing } from './facets.ts'

const NAME_MAX = 100

interface Props {
  /** With an id: one that is kept and gets another name. */
  search: Narrowing & { readonly id?: string; readonly name?: string }
  onClose: () => void
}

/** Asks for the name under which a search is kept. */
export function NameSearch({ search: { id, name, query, filter }, onClose }: Props) {
  const keep = async (given: string) => {
    if (id !== undefined) return renameSearch(id, given)
    await saveSearch(given, query, filter)
    toast(`“${given}” is saved.`)
  }
  return (
    <NameDialog
      title={id === undefined ? 'Save this search' : 'Rename this search'}
      action="Save"
      name={name ?? query.slice(0, NAME_MAX)}
      maxLength={NAME_MAX}
      onClose={onClose}
      onSave={keep}
    />
  )
}

/** Asks for the name of an album that holds what a search finds, now and later. */
export function AlbumOfSearch({ search: { query, filter }, onClose }: { search: Narrowing; onClose: () => void }) {
  const make = async (name: string) => {
    const { id } = await makeAlbum(name, { ...(query.trim() === '' ? {} : { query }), ...filter })
    toast(`The album “${name}” is made.`, { action: { label: 'Open', run: () => navigate(`/albums/${id}`) } })
  }
  return (
    <NameDialog
      title="Save as album"
      action="Make the album"
      name={query.slice(0, ALBUM_NAME_MAX)}
      maxLength={ALBUM_NAME_MAX}
      onClose={onClose}
      onSave={make}
    >
      <p>It holds whatever has these words, also what comes later. What only means something like them is not in it.</p>
    </NameDialog>
  )
}
