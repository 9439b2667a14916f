import { useState } from 'preact/hooks'
import { IconButton } from '../../parts/button.tsx'
import { EditForm } from './edit-form.tsx'

interface EditableTextProps {
  readonly text: string | null
  readonly placeholder: string
  /** @returns whether it is kept */
  onSave(text: string): Promise<boolean>
}

/** The longest that the API takes. */
const MAX_LENGTH = 5000

/** A text that becomes a field where it stands. */
export function EditableText({ text, placeholder, onSave }: EditableTextProps) {
  const [draft, setDraft] = useState<string | undefined>(undefined)
  if (draft === undefined)
    return (
      <div class="editable">
        <p class={text ? '' : 'muted'}>{text ?? placeholder}</p>
        <IconButton icon="edit" label="Edit the description" onClick={() => setDraft(text ?? '')} />
      </div>
    )
  const close = () => setDraft(undefined)
  const save = async () => {
    const written = draft.trim()
    if (written === '' || written === text || (await onSave(written))) close()
  }
  return (
    <EditForm onSave={save} onCancel={close}>
      <textarea
        class="input"
        rows={4}
        maxLength={MAX_LENGTH}
        aria-label="Description"
        placeholder={placeholder}
        value={draft}
        onInput={({ currentTarget }) => setDraft(currentTarget.value)}
      />
    </EditForm>
  )
}
