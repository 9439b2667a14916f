import { useId, useState } from 'preact/hooks'
import type { Album, AlbumRule } from '../../../../src/schemas/albums.ts'
import { Button } from '../../parts/button.tsx'
import { Chip } from '../../parts/chip.tsx'
import { Dialog } from '../../parts/dialog.tsx'
import { Field } from '../../parts/field.tsx'
import { patchAlbum } from '../../parts/grid/requests.ts'
import { useLastStep } from '../../parts/use-last-step.ts'
import { ruleParts } from './rule-words.ts'

interface RuleDialogProps {
  readonly album: Album
  readonly rule: AlbumRule
  onClose(): void
  onSaved(album: Album): void
}

/** As long as the API takes it. */
const QUERY_MAX = 500

/** Changes what an album finds: its words, and the filters beside them. */
export function RuleDialog({ album, rule: { query = '', ...before }, onClose, onSaved }: RuleDialogProps) {
  const form = useId()
  const [words, setWords] = useState(query)
  const [filter, setFilter] = useState<AlbumRule>(before)
  const save = useLastStep(async () => {
    const asked = words.trim()
    onSaved(await patchAlbum(album.id, { rule: { ...(asked === '' ? {} : { query: asked }), ...filter } }))
  }, onClose)
  return (
    <Dialog
      open
      onClose={onClose}
      title="What this album finds"
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
        class="dialog-form"
        onSubmit={(event) => {
          event.preventDefault()
          void save.run()
        }}
      >
        <Field
          label="Search"
          hint="As in the search box: words, “exact words”, -without, type:video, after:2024-06 …"
          value={words}
          maxLength={QUERY_MAX}
          autoFocus
          autocomplete="off"
          error={save.error}
          onInput={({ currentTarget }) => setWords(currentTarget.value)}
        />
        <p class="album-rules">
          {ruleParts(filter).map((part) => (
            <Chip
              key={part.name}
              onRemove={() => setFilter(without(filter, part.name))}
              removeLabel={`Remove ${part.words}`}
            >
              {part.words}
            </Chip>
          ))}
        </p>
      </form>
    </Dialog>
  )
}

function without(rule: AlbumRule, name: keyof AlbumRule): AlbumRule {
  const { [name]: _removed, ...rest } = rule
  return rest
}
