import { signal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { Button, IconButton } from '../parts/button.tsx'
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

/** Mounted once, in the shell. */
export function Toasts() {
  return (
    <div class="toasts" role="status" aria-live="polite">
      {shown.value.map((item) => (
        <ToastCard key={item.id} toast={item} />
      ))}
    </div>
  )
}

function ToastCard({ toast: { id, text, action, kind } }: { toast: Toast }) {
  const close = () => {
    shown.value = shown.value.filter((other) => other.id !== id)
  }
  useEffect(() => {
    const timer = setTimeout(close, action ? WITH_ACTION_MS : PLAIN_MS)
    return () => clearTimeout(timer)
  }, [])
  return (
    <div class={`toast toast-${kind ?? 'plain'}`}>
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
