import { useLayoutEffect, useRef, useState } from 'preact/hooks'
import { onKey } from '../../app/keyboard.ts'
import { photo } from '../../app/router.tsx'
import { toast } from '../../app/toasts.tsx'
import { IconButton } from '../button.tsx'
import { AlbumPicker } from './album-picker.tsx'
import { downloadArchive } from './archive.ts'
import type { GridMemory } from './grid-memory.ts'
import { type Chosen, chosenOf, hideUploads, standIn, told, trashUploads } from './upload-actions.ts'

/** As many as one archive takes. */
const ARCHIVE_MOST = 1000

/** The tools of every selection but that of the trash; Delete moves it there. */
export function UploadTools({ memory }: { memory: GridMemory }) {
  const { selection } = memory
  const [picking, setPicking] = useState<readonly string[] | undefined>(undefined)
  const ids = () => [...selection.ids.value]
  const allHidden = chosenOf(memory).uploads.every(({ hidden }) => hidden)

  const act = async (work: (chosen: Chosen) => Promise<boolean>) => {
    memory.wantedId = standIn(memory)
    if (await work(chosenOf(memory))) selection.clear()
  }
  const trash = useRef(() => {})
  trash.current = () => void act(trashUploads)
  // The viewer, where it lies over the grid, means the photo it shows.
  useLayoutEffect(() => onKey('Delete', () => photo.value === undefined && trash.current()), [])
  const download = () => {
    if (selection.count.value > ARCHIVE_MOST)
      return toast(`An archive takes ${ARCHIVE_MOST.toLocaleString()} uploads at most.`, { kind: 'error' })
    void told(() => downloadArchive({ upload_ids: ids() }))
  }

  return (
    <>
      <IconButton icon="albums" label="Add to album" onClick={() => setPicking(ids())} />
      <IconButton icon="download" label="Download as ZIP" onClick={download} />
      <IconButton
        icon={allHidden ? 'show' : 'hide'}
        label={allHidden ? 'Show again' : 'Hide'}
        onClick={() => void act((chosen) => hideUploads(chosen, !allHidden))}
      />
      <IconButton icon="trash" label="Move to the trash" onClick={() => trash.current()} />
      <AlbumPicker
        ids={picking}
        onClose={() => {
          setPicking(undefined)
        }}
      />
    </>
  )
}
