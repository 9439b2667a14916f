import { useEffect, useMemo, useState } from 'preact/hooks'
import type { TrashList } from '../../../../src/schemas/trash.ts'
import type { Upload } from '../../../../src/schemas/uploads.ts'
import { toast } from '../../app/toasts.tsx'
import { Button, IconButton } from '../../parts/button.tsx'
import { Dialog } from '../../parts/dialog.tsx'
import { EmptyState } from '../../parts/empty-state.tsx'
import { type GridMemory, recallGrid } from '../../parts/grid/grid-memory.ts'
import { createPagedSource } from '../../parts/grid/paged-source.ts'
import { PhotoGrid } from '../../parts/grid/photo-grid.tsx'
import { deleteForGood, emptyTrash, listTrash } from '../../parts/grid/requests.ts'
import { SelectionBar } from '../../parts/grid/selection-bar.tsx'
import { chosenOf, restoreUploads, told } from '../../parts/grid/upload-actions.ts'
import { counted } from '../../parts/grid/words.ts'
import './trash.css'

const DAY_MS = 86_400_000

/** When each goes for good, by its id. */
const expiries = new Map<string, number>()

async function loadPage(cursor: string | undefined) {
  const page: TrashList = await listTrash(cursor)
  for (const { upload, expires_at } of page.items) expiries.set(upload.id, Date.parse(expires_at))
  return { items: page.items.map(({ upload }) => upload), next_cursor: page.next_cursor }
}

/** What was deleted, until it goes for good. */
export default function Trash() {
  const memory = useMemo(() => recallGrid('trash', () => createPagedSource({ load: loadPage })), [])
  const [asking, setAsking] = useState<'some' | 'all' | undefined>(undefined)
  useEffect(() => memory.source.start(), [memory])
  const isEmpty = memory.source.sections.value.length === 0
  return (
    <div class="page page-wide trash">
      <header class="page-head">
        <h1>Trash</h1>
        {!isEmpty && (
          <Button icon="trash" onClick={() => setAsking('all')}>
            Empty the trash
          </Button>
        )}
        {!isEmpty && (
          <p class="trash-hint muted small">Choose what you want back. The rest goes for good when its time is up.</p>
        )}
      </header>
      <PhotoGrid
        memory={memory}
        label="Trash"
        noteOf={daysLeft}
        onOpen={({ id }) => memory.selection.toggle(id)}
        empty={
          <EmptyState icon="trash" title="The trash is empty">
            What you delete stays here for a while, so that you can change your mind.
          </EmptyState>
        }
      />
      <SelectionBar memory={memory}>
        <TrashTools memory={memory} onDelete={() => setAsking('some')} />
      </SelectionBar>
      <SureDialog memory={memory} asking={asking} onClose={() => setAsking(undefined)} />
    </div>
  )
}

function daysLeft({ id }: Upload): string | undefined {
  const expiry = expiries.get(id)
  if (expiry === undefined) return undefined
  const days = Math.max(0, Math.ceil((expiry - Date.now()) / DAY_MS))
  return days === 0 ? 'Today' : counted(days, 'day')
}

function TrashTools({ memory, onDelete }: { memory: GridMemory; onDelete(): void }) {
  const restore = async () => {
    const chosen = chosenOf(memory)
    if (!(await restoreUploads(chosen))) return
    memory.source.remove(chosen.ids)
    memory.selection.clear()
  }
  return (
    <>
      <Button kind="quiet" icon="restore" onClick={() => void restore()}>
        Restore
      </Button>
      <IconButton icon="trash" label="Delete for good" onClick={onDelete} />
    </>
  )
}

interface SureProps {
  readonly memory: GridMemory
  readonly asking: 'some' | 'all' | undefined
  onClose(): void
}

/** The one thing here that nobody can take back is asked for twice. */
function SureDialog({ memory: { source, selection }, asking, onClose }: SureProps) {
  const [isBusy, setBusy] = useState(false)
  const ids = [...selection.ids.value]
  const remove = async () => {
    setBusy(true)
    await told(async () => {
      if (asking === 'all') {
        const { removed } = await emptyTrash()
        toast(`${counted(removed, 'upload')} deleted for good.`)
      } else {
        await deleteForGood(ids)
        toast(`${counted(ids.length, 'upload')} deleted for good.`)
      }
      selection.clear()
      source.start()
    })
    setBusy(false)
    onClose()
  }
  return (
    <Dialog
      open={asking !== undefined}
      onClose={onClose}
      title="Delete for good?"
      actions={
        <>
          <Button onClick={onClose}>Keep</Button>
          <Button kind="danger" busy={isBusy} onClick={() => void remove()}>
            {asking === 'all' ? 'Empty the trash' : 'Delete for good'}
          </Button>
        </>
      }
    >
      <p>
        {asking === 'all' ? 'Everything in the trash' : counted(ids.length, 'upload')} will be gone, and nothing brings
        it back.
      </p>
    </Dialog>
  )
}
