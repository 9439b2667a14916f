import { useId, useState } from 'preact/hooks'
import type { ManagedUser, UserPatch } from '../../../../src/schemas/users.ts'
import { sentence } from '../../api/client.ts'
import { Button } from '../../parts/button.tsx'
import { Dialog } from '../../parts/dialog.tsx'
import { Field } from '../../parts/field.tsx'

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
  const [error, setError] = useState<string | undefined>(undefined)
  const [isBusy, setBusy] = useState(false)

  const save = async () => {
    setBusy(true)
    try {
      await change(person.id, { quota_bytes: toNumber(gigabytes, GIGABYTE), quota_files: toNumber(files, 1) })
      onClose()
    } catch (thrown) {
      setError(sentence(thrown))
      setBusy(false)
    }
  }

  return (
    <Dialog
      open
      onClose={onClose}
      title={`Limits of ${person.username}`}
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="primary" type="submit" form={form} busy={isBusy}>
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
          void save()
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
          error={error}
          value={files}
          onInput={({ currentTarget }) => setFiles(currentTarget.value)}
        />
      </form>
    </Dialog>
  )
}

const toText = (value: number | null, unit: number) => (value === null ? '' : String(value / unit))
const toNumber = (text: string, unit: number) => (text.trim() === '' ? null : Math.round(Number(text) * unit))
