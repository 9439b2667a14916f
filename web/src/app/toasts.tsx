import { signal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import { Button, IconButton } from '../parts/button.tsx'
import { onKey } from './keyboard.ts'
import './toasts.css'

interface ToastOptions {
  action?: { label: string; run(): void }
  kind?: 'plain' | 'error'
}

interface Toast extends ToastOptions {
  readonly id: number
  readonly text: string
}

/** Long enough to read it and to reach the button. */
const PLAIN_MS = 5000
const WITH_ACTION_MS = 9000
/** More at once nobody reads. */
const AT_ONCE = 3

const shown = signal<readonly Toast[]>([])
let count = 0

/** Tells something in passing, at the edge of the page. */
export function toast(text: string, options: ToastOptions = {}): void {
  count += 1
  const others = shown.value.filter((other) => other.text !== text)
  shown.value = [...others, { ...options, id: count, text }].slice(-AT_ONCE)
}

/** Where the focus was before it went to a toast: there it goes again when the toast leaves with it. */
let focusedBefore: EventTarget | null = null

/** Mounted once, in the shell. Ctrl+Z does what the newest toast offers to undo. */
export function Toasts() {
  useEffect(() => onKey('Ctrl+z', undoNewest), [])
  const remember = ({ currentTarget, relatedTarget }: FocusEvent & { currentTarget: HTMLElement }) => {
    if (!(relatedTarget instanceof Node && currentTarget.contains(relatedTarget))) focusedBefore = relatedTarget
  }
  return (
    <div class="toasts" role="status" aria-live="polite" onFocusIn={remember}>
      {shown.value.map((item) => (
        <ToastCard key={item.id} toast={item} />
      ))}
    </div>
  )
}

function undoNewest(event: KeyboardEvent): void {
  const newest = shown.value.findLast(({ action }) => action?.label === 'Undo')
  if (newest === undefined) return
  event.preventDefault()
  take(newest)
  newest.action?.run()
}

function take({ id }: Toast): void {
  shown.value = shown.value.filter((other) => other.id !== id)
}

function ToastCard({ toast: item }: { toast: Toast }) {
  const { text, action, kind } = item
  const card = useRef<HTMLDivElement>(null)
  const close = () => {
    const hadFocus = card.current?.contains(document.activeElement)
    take(item)
    if (hadFocus && focusedBefore instanceof HTMLElement) focusedBefore.focus()
  }
  useEffect(() => {
    const lifeMs = action ? WITH_ACTION_MS : PLAIN_MS
    // Whoever points at it, or is in it with the keyboard, has not done with it yet.
    const leave = () => {
      if (card.current?.matches(':hover, :focus-within')) timer = setTimeout(leave, lifeMs)
      else close()
    }
    let timer = setTimeout(leave, lifeMs)
    return () => clearTimeout(timer)
  }, [])
  return (
    <div ref={card} class={`toast toast-${kind ?? 'plain'}`}>
      <p>{text}</p>
      {action && (
        <Button
          kind="quiet"
          onClick={() => {
            close()
            action.run()
          }}
        >
          {action.label}
        </Button>
      )}
      <IconButton icon="close" label="Dismiss" onClick={close} />
    </div>
  )
}
