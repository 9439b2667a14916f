import type { ComponentChildren } from 'preact'
import { useEffect } from 'preact/hooks'
import { announce } from '../../app/announcer.tsx'
import { onKey } from '../../app/keyboard.ts'
import { photo } from '../../app/router.tsx'
import { toast } from '../../app/toasts.tsx'
import { IconButton } from '../button.tsx'
import type { GridMemory } from './grid-memory.ts'
import './selection-bar.css'
import { told } from './upload-actions.ts'
import { counted } from './words.ts'

/** With more at once, what is done to them takes minutes. */
const SELECT_MOST = 5000

/** What can be done to the chosen uploads. Ctrl+A chooses all that the grid holds, Escape none. */
export function SelectionBar({ memory, children }: { memory: GridMemory; children: ComponentChildren }) {
  const { selection } = memory
  const clear = () => {
    memory.wantedId = memory.focusId
    selection.clear()
    announce('Nothing selected')
  }
  useEffect(() => {
    const stops = [
      onKey('Ctrl+a', (event) => {
        if (photo.value !== undefined) return
        event.preventDefault()
        void selectAll(memory)
      }),
      onKey('Escape', (event) => {
        if (photo.value !== undefined || selection.count.value === 0) return
        event.preventDefault()
        clear()
      }),
    ]
    return () => {
      for (const stop of stops) stop()
    }
  }, [memory])
  if (selection.count.value === 0) return null
  return (
    <div class="selection-bar" role="toolbar" aria-label="Selection">
      <IconButton icon="close" label="Clear the selection" onClick={clear} />
      <span class="selection-count numbers">{selection.count.value.toLocaleString()} selected</span>
      <span class="selection-actions">{children}</span>
    </div>
  )
}

async function selectAll({ source, selection }: GridMemory): Promise<void> {
  await told(async () => {
    const ids = await source.allIds(SELECT_MOST)
    selection.set(ids, true)
    announce(`${counted(ids.length, 'upload')} selected`)
    if (ids.length === SELECT_MOST) toast(`The first ${counted(SELECT_MOST, 'upload')} are selected.`)
  })
}
