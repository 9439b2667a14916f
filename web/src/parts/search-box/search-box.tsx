import { useId, useState } from 'preact/hooks'
import { IconButton } from '../button.tsx'
import { Icon } from '../icons.tsx'
import { CompletionList } from './completion-list.tsx'
import { ExampleButton, ExampleChip, fileOf, holdsFiles } from './example-picture.tsx'
import { HelpButton } from './help-button.tsx'
import { QueryField } from './query-field.tsx'
import './search-box.css'
import { useSearchBox } from './use-search-box.ts'

/**
 * The one box that finds: words, filters, earlier searches, and a picture dropped, pasted or chosen. It shows the query
 * of the page it stands on, and leads to `/search`.
 */
export function SearchBox() {
  const complaintId = useId()
  const box = useSearchBox()
  const [isDropTarget, setDropTarget] = useState(false)
  return (
    <search
      class={`search-box${isDropTarget ? ' search-box-drop' : ''}`}
      onDragOver={(event) => {
        if (!holdsFiles(event.dataTransfer)) return
        // So the page knows that this is not a file that is handed over.
        event.preventDefault()
        setDropTarget(true)
      }}
      onDragLeave={() => setDropTarget(false)}
      onDrop={(event) => {
        setDropTarget(false)
        const picture = fileOf(event.dataTransfer)
        if (picture === undefined) return
        event.preventDefault()
        box.lookFor(picture)
      }}
    >
      <form
        class="search-form"
        onSubmit={(event) => {
          event.preventDefault()
          box.run(box.text)
        }}
      >
        <Icon name="search" />
        <ExampleChip />
        <QueryField
          box={box}
          complaintId={complaintId}
          placeholder={isDropTarget ? 'Drop to find pictures like it' : 'Search'}
        />
        {box.text === '' ? (
          <kbd class="search-key">/</kbd>
        ) : (
          <IconButton
            icon="close"
            label="Clear the search"
            onClick={() => {
              box.write('', 0)
              box.field.current?.focus()
            }}
          />
        )}
        <ExampleButton />
        <HelpButton />
      </form>
      {box.wrong && (
        <p class="visually-hidden" id={complaintId}>
          {box.wrong.sentence}
        </p>
      )}
      {box.isShown && <CompletionList completions={box.completions} active={box.active} take={box.take} />}
    </search>
  )
}
