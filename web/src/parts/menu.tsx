import type { ComponentChildren } from 'preact'
import { useEffect, useId, useRef, useState } from 'preact/hooks'
import { Icon, type IconName } from './icons.tsx'
import './menu.css'

export interface MenuItem {
  label: string
  icon?: IconName
  run(): void
  kind?: 'plain' | 'danger'
  disabled?: boolean
}

interface MenuProps {
  /** What the button opens, for screen readers. */
  label: string
  /** What the button shows. */
  button: ComponentChildren
  items: readonly MenuItem[]
  /** Above the items: who is signed in, say. */
  head?: ComponentChildren
  class?: string
}

/** A button that opens a list of things to do. Arrow keys, Home and End move in it; Escape closes it. */
export function Menu({ label, button, items, head, class: extra = 'icon-button' }: MenuProps) {
  const [open, setOpen] = useState(false)
  const ref = useRef<HTMLDivElement>(null)
  const id = useId()
  useEffect(() => {
    if (!open) return
    itemsOf(ref.current)[0]?.focus()
    const closeOutside = (event: Event) => {
      if (!(event.target instanceof Node) || !ref.current?.contains(event.target)) setOpen(false)
    }
    document.addEventListener('pointerdown', closeOutside)
    document.addEventListener('focusin', closeOutside)
    return () => {
      document.removeEventListener('pointerdown', closeOutside)
      document.removeEventListener('focusin', closeOutside)
    }
  }, [open])

  const close = () => {
    setOpen(false)
    ref.current?.querySelector<HTMLButtonElement>(':scope > button')?.focus()
  }
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: it only hears the keys of the buttons inside it
    <div
      class="menu"
      ref={ref}
      onKeyDown={(event) => {
        if (!open) return
        if (event.key === 'Escape') close()
        else if (!moveFocus(event.key, itemsOf(ref.current))) return
        event.preventDefault()
        event.stopPropagation()
      }}
    >
      <button
        type="button"
        class={extra}
        aria-label={label}
        title={label}
        aria-haspopup="menu"
        aria-expanded={open}
        aria-controls={id}
        onClick={() => setOpen(!open)}
      >
        {button}
      </button>
      {open && (
        <div class="menu-card">
          {head && <div class="menu-head">{head}</div>}
          <div role="menu" id={id} aria-label={label}>
            {items.map((item) => (
              <button
                type="button"
                role="menuitem"
                tabIndex={-1}
                key={item.label}
                class={`menu-item menu-item-${item.kind ?? 'plain'}`}
                disabled={item.disabled ?? false}
                onClick={() => {
                  close()
                  item.run()
                }}
              >
                {item.icon && <Icon name={item.icon} size={18} />}
                {item.label}
              </button>
            ))}
          </div>
        </div>
      )}
    </div>
  )
}

function itemsOf(menu: HTMLElement | null): HTMLButtonElement[] {
  return [...(menu?.querySelectorAll<HTMLButtonElement>('[role=menuitem]:enabled') ?? [])]
}

function moveFocus(key: string, items: readonly HTMLButtonElement[]): boolean {
  const now = items.findIndex((item) => item.matches(':focus'))
  const to = { ArrowDown: now + 1, ArrowUp: now - 1 + items.length, Home: 0, End: items.length - 1 }[key]
  if (to === undefined || items.length === 0) return false
  items[to % items.length]?.focus()
  return true
}
