import { useState } from 'preact/hooks'
import type { Upload, UploadPatch } from '../../../../src/schemas/uploads.ts'
import { IconButton } from '../../parts/button.tsx'
import { momentLabel } from '../../parts/grid/words.ts'
import { EditForm } from './edit-form.tsx'

interface EditableTimeProps {
  readonly upload: Upload
  onSave(patch: UploadPatch): Promise<boolean>
}

/** `datetime-local` knows no zones; cameras mostly do not either, and all times here are told in UTC. */
const toField = (time: string) => time.slice(0, 16)
const fromField = (value: string) => new Date(`${value}Z`).toISOString()

/** When it was taken, changed in place. */
export function EditableTime({ upload, onSave }: EditableTimeProps) {
  const [value, setValue] = useState<string | undefined>(undefined)
  const { taken_at, created_at, edited } = upload
  const save = async (patch: UploadPatch) => {
    if (await onSave(patch)) setValue(undefined)
  }

  if (value === undefined)
    return (
      <div class="editable">
        <p class={taken_at ? '' : 'muted'}>
          {taken_at ? momentLabel(taken_at) : 'Unknown'}
          {edited.includes('taken_at') && (
            <>
              {' '}
              <button type="button" class="side-panel-link" onClick={() => void save({ taken_at: null })}>
                Back to what the file says
              </button>
            </>
          )}
        </p>
        <IconButton icon="edit" label="Change the date" onClick={() => setValue(toField(taken_at ?? created_at))} />
      </div>
    )
  return (
    <EditForm
      onCancel={() => setValue(undefined)}
      onSave={async () => {
        if (value !== '') await save({ taken_at: fromField(value) })
      }}
    >
      <input
        class="input"
        type="datetime-local"
        aria-label="Taken at (UTC)"
        value={value}
        onInput={({ currentTarget }) => setValue(currentTarget.value)}
      />
    </EditForm>
  )
}
