import type { ComponentChildren } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { Button } from '../../parts/button.tsx'

interface EditFormProps {
  /** The field; it has the focus at once. */
  readonly children: ComponentChildren
  /** Keeps what was written, and closes the form if that went well. */
  onSave(): Promise<unknown>
  onCancel(): void
}

/** A field in the place of what it changes. Ctrl+Enter keeps it, Escape leaves everything as it was. */
export function EditForm({ children, onSave, onCancel }: EditFormProps) {
  const form = useRef<HTMLFormElement>(null)
  const [isBusy, setBusy] = useState(false)
  useEffect(() => form.current?.querySelector<HTMLElement>('.input')?.focus(), [])
  const save = async () => {
    if (isBusy) return
    setBusy(true)
    await onSave()
    setBusy(false)
  }
  return (
    <form
      ref={form}
      class="editable-form"
      onSubmit={(event) => {
        event.preventDefault()
        void save()
      }}
      onKeyDown={(event) => {
        if (event.key === 'Escape') onCancel()
        else if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) void save()
        else return
        event.preventDefault()
        event.stopPropagation()
      }}
    >
      {children}
      <div class="editable-buttons">
        <Button kind="quiet" onClick={onCancel}>
          Cancel
        </Button>
        <Button kind="primary" type="submit" busy={isBusy}>
          Save
        </Button>
      </div>
    </form>
  )
}
