import type { ComponentChildren } from 'preact'
import { useId, useState } from 'preact/hooks'
import { Button } from './button.tsx'
import { Dialog } from './dialog.tsx'
import { Field } from './field.tsx'
import { useLastStep } from './use-last-step.ts'

interface NameDialogProps {
  readonly title: string
  /** What the button says. */
  readonly action: string
  /** The name so far. */
  readonly name: string
  /** As long as the API takes it. */
  readonly maxLength: number
  /** Stands above the field. */
  readonly children?: ComponentChildren
  onClose(): void
  onSave(name: string): Promise<void>
}

/** Asks for a name. It is there as long as it is open. */
export function NameDialog({ title, action, name, maxLength, children, onClose, onSave }: NameDialogProps) {
  const form = useId()
  const [draft, setDraft] = useState(name)
  const save = useLastStep(() => onSave(draft.trim()), onClose)
  return (
    <Dialog
      open
      onClose={onClose}
      title={title}
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="primary" type="submit" form={form} busy={save.isBusy} disabled={draft.trim() === ''}>
            {action}
          </Button>
        </>
      }
    >
      <form
        id={form}
        class="dialog-form"
        onSubmit={(event) => {
          event.preventDefault()
          if (draft.trim() !== '') void save.run()
        }}
      >
        {children}
        <Field
          label="Name"
          value={draft}
          maxLength={maxLength}
          autoFocus
          required
          error={save.error}
          onInput={({ currentTarget }) => setDraft(currentTarget.value)}
        />
      </form>
    </Dialog>
  )
}
