import { useEffect, useState } from 'preact/hooks'
import type { Album } from '../../../../src/schemas/albums.ts'
import { thumbnailUrl } from '../../api/media.ts'
import { Link, navigate } from '../../app/router.tsx'
import { Button } from '../../parts/button.tsx'
import { EmptyState } from '../../parts/empty-state.tsx'
import { ErrorNote } from '../../parts/error-note.tsx'
import { ALBUM_NAME_MAX, listAlbums, makeAlbum } from '../../parts/grid/requests.ts'
import { counted } from '../../parts/grid/words.ts'
import { Icon } from '../../parts/icons.tsx'
import { NameDialog } from '../../parts/name-dialog.tsx'

interface Shown {
  readonly albums: readonly Album[]
  readonly next: string | null
}

/** Albums with their covers, the newest first. */
export function AlbumList() {
  const [shown, setShown] = useState<Shown | undefined>(undefined)
  const [error, setError] = useState<unknown>(undefined)
  const [isNaming, setNaming] = useState(false)
  const load = (cursor?: string) => {
    setError(undefined)
    listAlbums(cursor).then(({ items, next_cursor }) => {
      setShown((old) => ({
        albums: [...(cursor === undefined ? [] : (old?.albums ?? [])), ...items],
        next: next_cursor,
      }))
    }, setError)
  }
  useEffect(() => load(), [])
  const { albums = [], next = null } = shown ?? {}

  return (
    <div class="page">
      <header class="page-head">
        <h1>Albums</h1>
        {albums.length > 0 && (
          <Button icon="plus" onClick={() => setNaming(true)}>
            New album
          </Button>
        )}
      </header>
      {error !== undefined && <ErrorNote error={error} retry={() => load()} />}
      {shown && albums.length === 0 && (
        <EmptyState
          icon="albums"
          title="No albums yet"
          actions={
            <Button kind="primary" onClick={() => setNaming(true)}>
              New album
            </Button>
          }
        >
          Put together what belongs together: choose photos in the grid and add them to an album, or search and save
          what is found as one.
        </EmptyState>
      )}
      <ul class="albums">
        {albums.map((album) => (
          <li key={album.id}>
            <AlbumCard album={album} />
          </li>
        ))}
      </ul>
      {next !== null && <Button onClick={() => load(next)}>Show more</Button>}
      {isNaming && (
        <NameDialog
          title="New album"
          action="Make"
          name=""
          maxLength={ALBUM_NAME_MAX}
          onClose={() => setNaming(false)}
          onSave={async (name) => {
            const album = await makeAlbum(name)
            navigate(`/albums/${album.id}`)
          }}
        />
      )}
    </div>
  )
}

function AlbumCard({ album: { id, name, count, cover_id, rule } }: { album: Album }) {
  return (
    <Link href={`/albums/${id}`} class="album-card">
      <span class="album-cover">
        {cover_id === null ? (
          <Icon name="albums" size={32} />
        ) : (
          <img src={thumbnailUrl(cover_id)} alt="" loading="lazy" />
        )}
        {rule !== null && (
          <span class="grid-badge album-rule">
            <Icon name="filter" size={13} /> By rule
          </span>
        )}
      </span>
      <span class="album-name">{name}</span>
      <span class="muted small numbers">{counted(count, 'upload')}</span>
    </Link>
  )
}
