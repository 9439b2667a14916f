import type { ComponentType } from 'preact'
import { useEffect, useId, useRef, useState } from 'preact/hooks'
import { IconButton } from '../button.tsx'

/** Opens what can be asked, under the box. Its text is loaded when somebody wants to read it. */
export function HelpButton() {
  const id = useId()
  const panel = useRef<HTMLDivElement>(null)
  const [Help, setHelp] = useState<ComponentType | undefined>(undefined)
  const [isOpen, setOpen] = useState(false)

  useEffect(() => {
    if (!isOpen || Help !== undefined) return
    import('./query-help.tsx').then(
      (module) => setHelp(() => module.QueryHelp),
      () => setOpen(false),
    )
  }, [isOpen, Help])

  return (
    <>
      <IconButton
        icon="info"
        label="What can be asked"
        aria-expanded={isOpen}
        aria-controls={id}
        onClick={() => panel.current?.togglePopover()}
      />
      <div
        ref={panel}
        id={id}
        class="search-help"
        popover="auto"
        role="dialog"
        aria-label="What can be asked"
        onToggle={(event) => setOpen(event.newState === 'open')}
        onBeforeToggle={({ currentTarget }) => placeUnderBox(currentTarget)}
      >
        {Help && <Help />}
      </div>
    </>
  )
}

/** A popover lies above everything, and knows nothing of the box that it belongs to. */
function placeUnderBox(panel: HTMLElement): void {
  const box = panel.closest('form')?.getBoundingClientRect()
  if (box === undefined) return
  panel.style.setProperty('--top', `${box.bottom + 6}px`)
  panel.style.setProperty('--right', `${document.documentElement.clientWidth - box.right}px`)
}
