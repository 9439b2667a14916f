import { useId, useState } from 'preact/hooks'
import { toast } from '../../app/toasts.tsx'
import { Button } from '../../parts/button.tsx'
import { Dialog } from '../../parts/dialog.tsx'
import { Field } from '../../parts/field.tsx'
import { renameSearch, saveSearch } from '../../parts/search-box/saved-searches.ts'
import { useLastStep } from '../../parts/use-last-step.ts'
import type { Narrowing } from './facets.ts'

const NAME_MAX = 100

interface Props {
  /** With an id: one that is kept and gets another name. */
  search: Narrowing & { readonly id?: string; readonly name?: string }
  onClose: () => void
}

/** Asks for the name under which a search is kept. */
export function NameSearch({ search, onClose }: Props) {
  const form = useId()
  const [name, setName] = useState(search.name ?? search.query)

  const keep = useLastStep(async () => {
    if (search.id !== undefined) return renameSearch(search.id, name.trim())
    await saveSearch(name.trim(), search.query, search.filter)
    toast(`“${name.trim()}” is saved.`)
  }, onClose)

  return (
    <Dialog
      open
      onClose={onClose}
      title={search.id === undefined ? 'Save this search' : 'Rename this search'}
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="primary" type="submit" form={form} busy={keep.isBusy} disabled={name.trim() === ''}>
            Save
          </Button>
        </>
      }
    >
      <form
        id={form}
        onSubmit={(event) => {
          event.preventDefault()
          void keep.run()
        }}
      >
        <Field
          label="Name"
          value={name}
          maxLength={NAME_MAX}
          required
          error={keep.error}
          onInput={({ currentTarget }) => setName(currentTarget.value)}
        />
      </form>
    </Dialog>
  )
}
