import { useEffect, useState } from 'preact/hooks'
import type { Album } from '../../../../src/schemas/albums.ts'
import { thumbnailUrl } from '../../api/media.ts'
import { navigate } from '../../app/router.tsx'
import { toast } from '../../app/toasts.tsx'
import { Button } from '../button.tsx'
import { Dialog } from '../dialog.tsx'
import { ErrorNote } from '../error-note.tsx'
import { Field } from '../field.tsx'
import { Icon } from '../icons.tsx'
import { Spinner } from '../spinner.tsx'
import './album-picker.css'
import { addToAlbum, listAlbums, makeAlbum } from './requests.ts'
import { told } from './upload-actions.ts'
import { counted } from './words.ts'

interface AlbumPickerProps {
  /** What is put into the album; undefined: the dialog is closed. */
  readonly ids: readonly string[] | undefined
  onClose(): void
}

/** Which album? One that is filled by hand, or a new one. */
export function AlbumPicker({ ids, onClose }: AlbumPickerProps) {
  return (
    <Dialog open={ids !== undefined} onClose={onClose} title="Add to album">
      {ids && <Choice ids={ids} onClose={onClose} />}
    </Dialog>
  )
}

function Choice({ ids, onClose }: { ids: readonly string[]; onClose(): void }) {
  const [albums, setAlbums] = useState<readonly Album[] | undefined>(undefined)
  const [error, setError] = useState<unknown>(undefined)
  const [isBusy, setBusy] = useState(false)
  const [name, setName] = useState('')
  useEffect(() => {
    listAlbums().then(({ items }) => setAlbums(items.filter(({ rule }) => rule === null)), setError)
  }, [])

  const put = async (find: () => Promise<Album>) => {
    setBusy(true)
    const done = await told(async () => {
      const album = await find()
      await addToAlbum(album.id, ids)
      const action = { label: 'Open', run: () => navigate(`/albums/${album.id}`) }
      toast(`${counted(ids.length, 'upload')} added to “${album.name}”.`, { action })
    })
    setBusy(false)
    if (done) onClose()
  }

  return (
    <div class="album-picker">
      <form
        class="album-picker-new"
        onSubmit={(event) => {
          event.preventDefault()
          if (name.trim() !== '') void put(() => makeAlbum(name.trim()))
        }}
      >
        <Field
          label="New album"
          value={name}
          maxLength={200}
          onInput={({ currentTarget }) => setName(currentTarget.value)}
        />
        <Button kind="primary" type="submit" busy={isBusy} disabled={name.trim() === ''}>
          Make
        </Button>
      </form>
      {error !== undefined && <ErrorNote error={error} />}
      {albums === undefined && error === undefined && <Spinner label="Loading albums" />}
      <ul>
        {albums?.map((album) => (
          <li key={album.id}>
            <button
              type="button"
              class="album-picker-item"
              disabled={isBusy}
              onClick={() => void put(async () => album)}
            >
              <span class="album-picker-cover">
                {album.cover_id === null ? <Icon name="albums" /> : <img src={thumbnailUrl(album.cover_id)} alt="" />}
              </span>
              <span class="album-picker-name">{album.name}</span>
              <span class="muted small numbers">{album.count.toLocaleString()}</span>
            </button>
          </li>
        ))}
      </ul>
    </div>
  )
}
