import { useRef } from 'preact/hooks'
import { navigate, path } from '../../app/router.tsx'
import { toast } from '../../app/toasts.tsx'
import { IconButton } from '../button.tsx'
import { example, setExample } from './search-state.ts'

/** Looks for what is like this picture. */
export function searchByPicture(file: File): void {
  if (file.type !== '' && !file.type.startsWith('image/')) {
    toast('Searching by example takes a picture.', { kind: 'error' })
    return
  }
  setExample(file)
  navigate('/search?picture')
}

/** The first file of a drop or a paste. */
export function fileOf(transfer: DataTransfer | null): File | undefined {
  return transfer?.files[0]
}

export const holdsFiles = (transfer: DataTransfer | null) => transfer?.types.includes('Files') ?? false

/** The picture in the box, as long as its likes are shown. */
export function ExampleChip() {
  const shown = example.value
  if (shown === undefined || path.value !== '/search') return null
  return (
    <span class="search-example">
      <img src={shown.url} alt={`Example: ${shown.file.name}`} />
      <IconButton
        icon="close"
        label="Remove the example picture"
        onClick={() => {
          setExample(undefined)
          navigate('/search')
        }}
      />
    </span>
  )
}

/** Chooses an example picture from the device. */
export function ExampleButton() {
  const chooser = useRef<HTMLInputElement>(null)
  return (
    <>
      <input
        ref={chooser}
        type="file"
        accept="image/*"
        hidden
        onChange={({ currentTarget }) => {
          const file = currentTarget.files?.[0]
          if (file) searchByPicture(file)
          currentTarget.value = ''
        }}
      />
      <IconButton icon="image" label="Search by a picture" onClick={() => chooser.current?.click()} />
    </>
  )
}
