import { useEffect, useRef, useState } from 'preact/hooks'
import { photo } from '../../app/router.tsx'
import { cellBeside, visibleBlocks } from './grid-layout.ts'
import type { GridMemory } from './grid-memory.ts'
import { beside } from './grid-source.ts'
import { loadedUploads } from './sections.ts'
import { takeSeen } from './trail.ts'
import type { GridView as View } from './use-grid-view.ts'

/** One upload of the grid is reached by Tab, and the arrows go from there. */
export function useGridFocus(memory: GridMemory, canvas: { readonly current: HTMLElement | null }, view: View) {
  const [, redraw] = useState(0)
  const shown = visibleBlocks(view.layout, view.y.peek(), view.y.peek() + innerHeight)
  const firstShown = shown.flatMap(({ rows }) => rows.flatMap(({ cells }) => cells))[0]?.upload.id
  const known = memory.focusId !== undefined && memory.source.find(memory.focusId) !== undefined
  const currentId = known ? memory.focusId : firstShown

  const focusOn = (id: string, wholly = true) => {
    memory.focusId = id
    memory.wantedId = id
    view.reveal(id, wholly)
    redraw((count) => count + 1)
  }

  useEffect(() => {
    if (memory.wantedId === undefined) return
    const link = canvas.current?.querySelector<HTMLElement>(`[data-id="${memory.wantedId}"]`)
    if (!link) return
    memory.wantedId = undefined
    link.focus({ preventScroll: true })
  })

  // Back from the viewer: the upload that was looked at last has the focus, wherever it is by now.
  const isBeneath = photo.value !== undefined
  const wasBeneath = useRef(isBeneath)
  useEffect(() => {
    const seen = wasBeneath.current && !isBeneath ? takeSeen() : undefined
    if (seen !== undefined && memory.source.find(seen)) focusOn(seen, false)
    wasBeneath.current = isBeneath
  }, [isBeneath])

  const move = (id: string, key: string): string | undefined => {
    const next = target(memory, view, id, key)
    if (next !== undefined) focusOn(next)
    return next
  }
  return { currentId, move }
}

function target(memory: GridMemory, { layout }: View, id: string, key: string): string | undefined {
  const sections = memory.source.sections.value
  switch (key) {
    case 'ArrowLeft':
    case 'ArrowRight': {
      const next = beside(sections, id, key === 'ArrowRight' ? 1 : -1)
      return next && 'upload' in next ? next.upload.id : undefined
    }
    case 'ArrowUp':
      return cellBeside(layout, id, -1)?.upload.id
    case 'ArrowDown':
      return cellBeside(layout, id, 1)?.upload.id
    case 'Home':
      return loadedUploads(sections).next().value?.id
    default:
      return undefined
  }
}
