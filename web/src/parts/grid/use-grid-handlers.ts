import type { Upload } from '../../../../src/schemas/uploads.ts'
import { announce } from '../../app/announcer.tsx'
import type { GridMemory } from './grid-memory.ts'
import { useLongPress } from './use-long-press.ts'
import { counted } from './words.ts'

interface HandlerOptions {
  readonly memory: GridMemory
  readonly isSelectable: boolean
  readonly open: (upload: Upload) => void
  readonly move: (id: string, key: string) => string | undefined
}

/** The grid hears for all of its cells: a thousand of them come and go while one scrolls. */
export function useGridHandlers({ memory, isSelectable, open, move }: HandlerOptions) {
  const { selection, source } = memory
  const tell = () => announce(`${counted(selection.count.value, 'upload')} selected`)
  const choose = (id: string, extend: boolean) => {
    if (extend) selection.extendTo(id, source.sections.value)
    else selection.toggle(id)
    tell()
  }
  const longPress = useLongPress((id) => isSelectable && choose(id, false))

  const onClick = (event: MouseEvent) => {
    const { check, id } = idsOf(event.target)
    if (check !== undefined) return choose(check, event.shiftKey)
    if (id === undefined || event.ctrlKey || event.metaKey || event.button !== 0) return
    event.preventDefault()
    if (longPress.justFired()) return
    if (isSelectable && (event.shiftKey || selection.count.value > 0)) return choose(id, event.shiftKey)
    const upload = source.find(id)
    if (upload) open(upload)
  }

  const onKeyDown = (event: KeyboardEvent) => {
    const { id } = idsOf(event.target)
    if (id === undefined || event.ctrlKey || event.metaKey || event.altKey) return
    if (event.key === 'Enter') {
      const upload = source.find(id)
      if (upload) open(upload)
      event.preventDefault()
    } else if (event.key === ' ' && isSelectable) {
      choose(id, event.shiftKey)
      event.preventDefault()
    } else {
      const next = move(id, event.key)
      if (next === undefined) return
      event.preventDefault()
      if (!event.shiftKey || !isSelectable) return
      if (selection.count.value === 0) selection.toggle(id)
      choose(next, true)
    }
  }
  return { onClick, onKeyDown, ...longPress.handlers }
}

function idsOf(target: EventTarget | null): { id: string | undefined; check: string | undefined } {
  const element = target instanceof Element ? target : undefined
  const of = (name: string) => element?.closest(`[data-${name}]`)?.getAttribute(`data-${name}`) ?? undefined
  return { id: of('id'), check: of('check') }
}
