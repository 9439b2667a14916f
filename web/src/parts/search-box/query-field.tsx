import { useRef } from 'preact/hooks'
import { LIST_ID, optionId } from './completion-list.tsx'
import { fileOf } from './example-picture.tsx'
import { QueryMirror } from './query-mirror.tsx'
import type { SearchBoxState } from './use-search-box.ts'

/** The query language's own bound. */
const QUERY_MAX = 500

interface Props {
  box: SearchBoxState
  placeholder: string
  /** Of the sentence that says what is wrong. */
  complaintId: string
}

/** Where the query is written: a combobox whose list is the completions. */
export function QueryField({ box, placeholder, complaintId }: Props) {
  const mirror = useRef<HTMLDivElement>(null)
  const { text, wrong, active, isShown, write, setCaret, setOpen } = box
  return (
    <div class="search-field">
      <QueryMirror text={text} complaint={wrong} mirror={mirror} />
      <input
        ref={box.field}
        value={text}
        type="text"
        inputMode="search"
        enterKeyHint="search"
        role="combobox"
        aria-label="Search your photos and videos"
        aria-autocomplete="list"
        aria-expanded={isShown}
        aria-controls={LIST_ID}
        aria-activedescendant={isShown && active >= 0 ? optionId(active) : undefined}
        aria-invalid={wrong !== undefined}
        aria-describedby={wrong ? complaintId : undefined}
        placeholder={placeholder}
        maxLength={QUERY_MAX}
        autocomplete="off"
        autocapitalize="off"
        spellcheck={false}
        onInput={({ currentTarget }) => {
          write(currentTarget.value, currentTarget.selectionStart ?? currentTarget.value.length)
          setOpen(true)
        }}
        onSelect={({ currentTarget }) => setCaret(currentTarget.selectionStart ?? 0)}
        onScroll={({ currentTarget }) => mirror.current?.scrollTo({ left: currentTarget.scrollLeft })}
        onFocus={() => setOpen(true)}
        onClick={() => setOpen(true)}
        onBlur={() => setOpen(false)}
        onKeyDown={(event) => onKeyDown(event, box)}
        onPaste={(event) => {
          const picture = fileOf(event.clipboardData)
          if (picture === undefined) return
          event.preventDefault()
          box.lookFor(picture)
        }}
      />
    </div>
  )
}

function onKeyDown(event: KeyboardEvent, { completions, active, isShown, move, take, setOpen, field }: SearchBoxState) {
  if (event.isComposing) return
  const marked = isShown ? completions[active] : undefined
  if (event.key === 'ArrowDown') move(1)
  else if (event.key === 'ArrowUp') move(-1)
  else if (event.key === 'Enter' && marked) take(marked)
  else if (event.key === 'Escape' && isShown) setOpen(false)
  else if (event.key === 'Escape') field.current?.blur()
  else return
  event.preventDefault()
}
