import { useEffect, useState } from 'preact/hooks'
import { sentence } from '../../api/client.ts'
import { Button } from '../../parts/button.tsx'
import { Dialog } from '../../parts/dialog.tsx'
import { Field } from '../../parts/field.tsx'

interface NameDialogProps {
  readonly open: boolean
  readonly title: string
  /** What the button says. */
  readonly action: string
  readonly name: string
  onClose(): void
  onSave(name: string): Promise<void>
}

/** As long as the API takes it. */
const MAX_LENGTH = 200

/** Asks for the name of an album. */
export function NameDialog({ open, title, action, name, onClose, onSave }: NameDialogProps) {
  const [draft, setDraft] = useState(name)
  const [error, setError] = useState<string | undefined>(undefined)
  const [isBusy, setBusy] = useState(false)
  useEffect(() => {
    setDraft(name)
    setError(undefined)
  }, [open, name])
  const save = async () => {
    setBusy(true)
    try {
      await onSave(draft.trim())
      onClose()
    } catch (thrown) {
      setError(sentence(thrown))
    }
    setBusy(false)
  }
  return (
    <Dialog open={open} onClose={onClose} title={title}>
      <form
        class="name-form"
        onSubmit={(event) => {
          event.preventDefault()
          if (draft.trim() !== '') void save()
        }}
      >
        <Field
          label="Name"
          value={draft}
          maxLength={MAX_LENGTH}
          autoFocus
          error={error}
          onInput={({ currentTarget }) => setDraft(currentTarget.value)}
        />
        <Button kind="primary" type="submit" busy={isBusy} disabled={draft.trim() === ''}>
          {action}
        </Button>
      </form>
    </Dialog>
  )
}
