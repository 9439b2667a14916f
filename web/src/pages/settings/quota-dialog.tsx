import { useId, useState } from 'preact/hooks'
import type { ManagedUser, UserPatch } from '../../../../src/schemas/users.ts'
import { Button } from '../../parts/button.tsx'
import { Dialog } from '../../parts/dialog.tsx'
import { Field } from '../../parts/field.tsx'
import { useLastStep } from '../../parts/use-last-step.ts'

const GIGABYTE = 1e9

interface Props {
  person: ManagedUser
  onClose: () => void
  change: (id: string, patch: UserPatch) => Promise<void>
}

/** How much an account may keep. An empty field: what the server is configured for. */
export function QuotaDialog({ person, onClose, change }: Props) {
  const form = useId()
  const [gigabytes, setGigabytes] = useState(toText(person.quota_bytes, GIGABYTE))
  const [files, setFiles] = useState(toText(person.quota_files, 1))

  const limits = () => ({ quota_bytes: toNumber(gigabytes, GIGABYTE), quota_files: toNumber(files, 1) })
  const save = useLastStep(() => change(person.id, limits()), onClose)

  return (
    <Dialog
      open
      onClose={onClose}
      title={`Limits of ${person.username}`}
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="primary" type="submit" form={form} busy={save.isBusy}>
            Save
          </Button>
        </>
      }
    >
      <form
        id={form}
        class="settings-form"
        onSubmit={(event) => {
          event.preventDefault()
          void save.run()
        }}
      >
        <Field
          label="Room for originals, in GB"
          type="number"
          min={0}
          step="any"
          inputMode="decimal"
          value={gigabytes}
          onInput={({ currentTarget }) => setGigabytes(currentTarget.value)}
        />
        <Field
          label="Number of files"
          type="number"
          min={0}
          step={1}
          inputMode="numeric"
          hint="What is left empty is as the server is configured."
          error={save.error}
          value={files}
          onInput={({ currentTarget }) => setFiles(currentTarget.value)}
        />
      </form>
    </Dialog>
  )
}

const toText = (value: number | null, unit: number) => (value === null ? '' : String(value / unit))
const toNumber = (text: string, unit: number) => (text.trim() === '' ? null : Math.round(Number(text) * unit))
