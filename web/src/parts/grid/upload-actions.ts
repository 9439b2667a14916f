import { batch } from '@preact/signals'
import type { Upload } from '../../../../src/schemas/uploads.ts'
import { sentence } from '../../api/client.ts'
import { toast } from '../../app/toasts.tsx'
import { forgetDetails, keepDetails } from '../../live/details.ts'
import { forgetUploads } from '../../live/store.ts'
import { type GridMemory, inAllGrids } from './grid-memory.ts'
import * as requests from './requests.ts'
import { loadedUploads } from './sections.ts'
import { counted } from './words.ts'

/** What is done to uploads, one or many, from the grid or from the viewer: all grids show it at once. */

/** Of uploads that were chosen with Ctrl+A, most are not loaded. */
export interface Chosen {
  readonly ids: readonly string[]
  readonly uploads: readonly Upload[]
}

export function chosenOf({ source, selection }: GridMemory): Chosen {
  const ids = selection.ids.value
  return { ids: [...ids], uploads: [...loadedUploads(source.sections.value)].filter(({ id }) => ids.has(id)) }
}

/** What takes the place of the chosen ones when they leave: the next, or at the end the one before. */
export function standIn({ source, selection }: GridMemory): string | undefined {
  const shown = [...loadedUploads(source.sections.value)].map(({ id }) => id)
  const stays = (id: string) => !selection.ids.value.has(id)
  const first = Math.max(
    0,
    shown.findIndex((id) => !stays(id)),
  )
  return shown.slice(first).find(stays) ?? shown.slice(0, first).findLast(stays)
}

export function oneChosen(upload: Upload): Chosen {
  return { ids: [upload.id], uploads: [upload] }
}

const changeAll = (change: Parameters<typeof inAllGrids>[0]) => batch(() => inAllGrids(change))
const words = ({ ids }: Chosen) => counted(ids.length, 'upload')

/** Those that are not loaded are counted anew. */
function putIn({ ids, uploads }: Chosen): void {
  changeAll((source) => {
    source.insert(uploads)
    if (uploads.length < ids.length) source.start()
  })
}

/** They leave at once; should the server refuse, they come back. @returns whether they are in the trash */
export async function trashUploads(chosen: Chosen): Promise<boolean> {
  changeAll((source) => source.remove(chosen.ids))
  const isDone = await told(() => requests.moveToTrash(chosen.ids))
  if (!isDone) {
    putIn(chosen)
    return false
  }
  if (chosen.uploads.length < chosen.ids.length) changeAll((source) => source.start())
  forgetUploads(chosen.ids)
  toast(`${words(chosen)} moved to the trash.`, { action: { label: 'Undo', run: () => void untrash(chosen) } })
  return true
}

async function untrash(chosen: Chosen): Promise<void> {
  await told(async () => {
    await requests.restore(chosen.ids)
    putIn(chosen)
  })
}

/** Out of the trash, and into the grids that show them. */
export function restoreUploads(chosen: Chosen): Promise<boolean> {
  return told(async () => {
    await requests.restore(chosen.ids)
    putIn(chosen)
    toast(`${words(chosen)} restored.`)
  })
}

/** Hidden ones leave the grids that do not show them. */
export function hideUploads({ ids, uploads }: Chosen, hidden: boolean, canUndo = true): Promise<boolean> {
  const changed: Chosen = { ids, uploads: uploads.map((upload) => ({ ...upload, hidden })) }
  return told(async () => {
    await requests.setHidden(ids, hidden)
    putIn(changed)
    const undo = { label: 'Undo', run: () => void hideUploads(changed, !hidden, false) }
    toast(`${words(changed)} ${hidden ? 'hidden' : 'shown again'}.`, canUndo ? { action: undo } : {})
  })
}

/** Shows in all grids and lists what an upload is now. */
export function showChanged(upload: Upload): void {
  forgetDetails(upload.id)
  keepDetails(upload)
  changeAll((source) => {
    if (source.find(upload.id)) source.update(upload)
  })
}

/** Runs it, and tells the server's sentence if it fails. @returns whether it went well */
export async function told(work: () => Promise<unknown>): Promise<boolean> {
  try {
    await work()
    return true
  } catch (thrown) {
    toast(sentence(thrown), { kind: 'error' })
    return false
  }
}
