import { useState } from 'preact/hooks'
import type { Upload, UploadPatch } from '../../../../src/schemas/uploads.ts'
import { Link } from '../../app/router.tsx'
import { IconButton } from '../../parts/button.tsx'
import { EditForm } from './edit-form.tsx'
import { parsePlace, placeLabel } from './place.ts'

interface EditablePlaceProps {
  readonly upload: Upload
  onSave(patch: UploadPatch): Promise<boolean>
}

const NEAR_KM = 5

/** Where it was taken, changed in place; no map, since maps come from other servers. */
export function EditablePlace({ upload, onSave }: EditablePlaceProps) {
  const [text, setText] = useState<string | undefined>(undefined)
  const { latitude, longitude, edited } = upload
  const place = latitude !== null && longitude !== null ? { latitude, longitude } : undefined
  const save = async (patch: UploadPatch) => {
    if (await onSave(patch)) setText(undefined)
  }

  if (text === undefined)
    return (
      <div class="editable">
        <p class={place ? 'numbers' : 'muted'}>
          {place ? placeLabel(place) : 'Unknown'}
          {place && (
            <Link
              href={`/search?${new URLSearchParams({ q: `near:${place.latitude},${place.longitude},${NEAR_KM}` })}`}
            >
              Others near it
            </Link>
          )}
          {edited.includes('place') && (
            <button
              type="button"
              class="side-panel-link"
              onClick={() => void save({ latitude: null, longitude: null })}
            >
              Back to what the file says
            </button>
          )}
        </p>
        <IconButton
          icon="edit"
          label="Change the place"
          onClick={() => setText(place ? `${place.latitude}, ${place.longitude}` : '')}
        />
      </div>
    )
  const parsed = parsePlace(text)
  return (
    <EditForm
      onCancel={() => setText(undefined)}
      onSave={async () => {
        if (parsed) await save({ ...parsed })
      }}
    >
      <input
        class="input"
        aria-label="Latitude and longitude"
        placeholder="47.3769, 8.5417"
        value={text}
        aria-invalid={text !== '' && !parsed}
        onInput={({ currentTarget }) => setText(currentTarget.value)}
      />
      <p class="small muted">{parsed ? placeLabel(parsed) : 'Latitude and longitude in degrees, as maps give them.'}</p>
    </EditForm>
  )
}
