import { useEffect, useMemo, useState } from 'preact/hooks'
import type { Album, AlbumRule } from '../../../../src/schemas/albums.ts'
import { Link, navigate } from '../../app/router.tsx'
import { useTitle } from '../../app/title.ts'
import { toast } from '../../app/toasts.tsx'
import { Button, IconButton } from '../../parts/button.tsx'
import { Chip } from '../../parts/chip.tsx'
import { Dialog } from '../../parts/dialog.tsx'
import { EmptyState } from '../../parts/empty-state.tsx'
import { ErrorNote } from '../../parts/error-note.tsx'
import { downloadArchive } from '../../parts/grid/archive.ts'
import { type GridMemory, recallGrid } from '../../parts/grid/grid-memory.ts'
import { createPagedSource } from '../../parts/grid/paged-source.ts'
import { PhotoGrid } from '../../parts/grid/photo-grid.tsx'
import {
  ALBUM_NAME_MAX,
  deleteAlbum,
  listAlbumUploads,
  patchAlbum,
  readAlbum,
  takeFromAlbum,
} from '../../parts/grid/requests.ts'
import { SelectionBar } from '../../parts/grid/selection-bar.tsx'
import { told } from '../../parts/grid/upload-actions.ts'
import { UploadTools } from '../../parts/grid/upload-tools.tsx'
import { counted } from '../../parts/grid/words.ts'
import { Icon } from '../../parts/icons.tsx'
import { Menu } from '../../parts/menu.tsx'
import { NameDialog } from '../../parts/name-dialog.tsx'
import { RuleDialog } from './rule-dialog.tsx'
import { ruleParts } from './rule-words.ts'

/** One album: what is in it, and what can be done with it. */
export function AlbumPage({ id }: { id: string }) {
  const [album, setAlbum] = useState<Album | undefined>(undefined)
  const [error, setError] = useState<unknown>(undefined)
  useTitle(album?.name ?? 'Album')
  const memory = useAlbumGrid(id, album)
  const load = () => {
    setError(undefined)
    readAlbum(id).then(setAlbum, setError)
  }
  // What is taken out, hidden or deleted changes the number, too.
  const size = memory.source.sections.value
  useEffect(load, [id, size.length === 0])
  useEffect(() => memory.source.start(), [memory])

  if (error !== undefined)
    return (
      <div class="page">
        <ErrorNote error={error} retry={load} />
      </div>
    )
  return (
    <div class="page page-wide">
      {album && <AlbumHead album={album} onChange={setAlbum} onRefill={memory.source.start} />}
      <PhotoGrid memory={memory} label={album?.name ?? 'Album'} empty={album && <EmptyAlbum album={album} />} />
      <SelectionBar memory={memory}>
        {album && <AlbumTools album={album} memory={memory} onChange={load} />}
        <UploadTools memory={memory} />
      </SelectionBar>
    </div>
  )
}

function useAlbumGrid(id: string, album: Album | undefined): GridMemory {
  const total = useMemo(() => ({ now: undefined as number | undefined }), [id])
  total.now = album?.count
  return useMemo(
    () =>
      recallGrid(`album ${id}`, () =>
        createPagedSource({ load: (cursor) => listAlbumUploads(id, cursor), total: () => total.now }),
      ),
    [id],
  )
}

interface HeadProps {
  readonly album: Album
  onChange(album: Album): void
  /** Other uploads are in it now. */
  onRefill(): void
}

function AlbumHead({ album, onChange, onRefill }: HeadProps) {
  const { rule } = album
  const [dialog, setDialog] = useState<'rename' | 'rule' | 'delete' | undefined>(undefined)
  const close = () => setDialog(undefined)
  const download = () => told(() => downloadArchive({ album_id: album.id }))
  const changeRule = { label: 'Change what it finds', icon: 'filter', run: () => setDialog('rule') } as const
  return (
    <header class="page-head album-head">
      <Link href="/albums" class="icon-button" aria-label="All albums" title="All albums">
        <Icon name="arrow-left" />
      </Link>
      <div class="album-title">
        <h1>{album.name}</h1>
        <p class="muted small numbers">{counted(album.count, 'upload')}</p>
      </div>
      {album.count > 0 && (
        <IconButton icon="download" label="Download all of it as ZIP" onClick={() => void download()} />
      )}
      <Menu
        label="More"
        button={<Icon name="more" />}
        items={[
          { label: 'Rename', icon: 'edit', run: () => setDialog('rename') },
          ...(rule === null ? [] : [changeRule]),
          { label: 'Delete album', icon: 'trash', kind: 'danger', run: () => setDialog('delete') },
        ]}
      />
      {rule !== null && <RuleLine rule={rule} />}
      {dialog === 'rename' && (
        <NameDialog
          title="Rename the album"
          action="Rename"
          name={album.name}
          maxLength={ALBUM_NAME_MAX}
          onClose={close}
          onSave={async (name) => onChange(await patchAlbum(album.id, { name }))}
        />
      )}
      {dialog === 'rule' && rule !== null && (
        <RuleDialog
          album={album}
          rule={rule}
          onClose={close}
          onSaved={(changed) => {
            onChange(changed)
            onRefill()
          }}
        />
      )}
      <DeleteDialog album={album} open={dialog === 'delete'} onClose={close} />
    </header>
  )
}

function RuleLine({ rule }: { rule: AlbumRule }) {
  const parts = ruleParts(rule)
  return (
    <p class="album-rules">
      <span class="muted small">Filled by a rule:</span>
      {parts.map(({ name, words }) => (
        <Chip key={name} icon="filter">
          {words}
        </Chip>
      ))}
      {parts.length === 0 && <Chip icon="filter">All photos and videos</Chip>}
    </p>
  )
}

function DeleteDialog({ album, open, onClose }: { album: Album; open: boolean; onClose(): void }) {
  const remove = () =>
    told(async () => {
      await deleteAlbum(album.id)
      onClose()
      toast(`The album “${album.name}” is deleted. Its photos are where they were.`)
      navigate('/albums', { replace: true })
    })
  return (
    <Dialog
      open={open}
      onClose={onClose}
      title="Delete this album?"
      actions={
        <>
          <Button onClick={onClose}>Keep it</Button>
          <Button kind="danger" onClick={() => void remove()}>
            Delete album
          </Button>
        </>
      }
    >
      <p>“{album.name}” goes for good. What is in it stays among your photos.</p>
    </Dialog>
  )
}

interface ToolsProps {
  readonly album: Album
  readonly memory: GridMemory
  onChange(): void
}

/** Only what is filled by hand can be emptied by hand. */
function AlbumTools({ album, memory, onChange }: ToolsProps) {
  const { source, selection } = memory
  const ids = [...selection.ids.value]
  const [only] = ids
  const takeOut = () =>
    told(async () => {
      await takeFromAlbum(album.id, ids)
      source.remove(ids)
      selection.clear()
      onChange()
      toast(`${counted(ids.length, 'upload')} taken out of “${album.name}”.`)
    })
  const makeCover = (cover: string) =>
    told(async () => {
      await patchAlbum(album.id, { cover_id: cover })
      selection.clear()
      toast('This is the cover now.')
    })
  return (
    <>
      {ids.length === 1 && only !== undefined && (
        <IconButton icon="image" label="Make it the cover" onClick={() => void makeCover(only)} />
      )}
      {album.rule === null && <IconButton icon="minus" label="Take out of the album" onClick={() => void takeOut()} />}
    </>
  )
}

function EmptyAlbum({ album }: { album: Album }) {
  return (
    <EmptyState
      icon="albums"
      title="Nothing in it yet"
      actions={
        <Link href="/" class="button button-primary">
          Choose photos
        </Link>
      }
    >
      {album.rule === null
        ? 'Choose photos in the grid and add them to this album.'
        : 'What its rule finds will be here as soon as there is something.'}
    </EmptyState>
  )
}
