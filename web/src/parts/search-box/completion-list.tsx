import { useEffect, useRef } from 'preact/hooks'
import { Icon, type IconName } from '../icons.tsx'
import type { Completion } from './completions.ts'

export const LIST_ID = 'search-completions'
export const optionId = (index: number) => `search-completion-${index}`

const ICONS: Readonly<Record<Completion['kind'], IconName>> = {
  operator: 'filter',
  value: 'filter',
  word: 'search',
  label: 'photos',
  camera: 'camera',
  recent: 'clock',
  saved: 'bookmark',
}

/** Said after the text, for those who do not see the icon. */
const KINDS: Readonly<Record<Completion['kind'], string>> = {
  operator: 'filter',
  value: 'filter',
  word: 'word',
  label: 'thing seen',
  camera: 'camera',
  recent: 'recent search',
  saved: 'saved search',
}

interface Props {
  completions: readonly Completion[]
  active: number
  take(completion: Completion): void
}

/** What could be meant, under the box. The focus stays in the field; `active` is the line that Enter takes. */
export function CompletionList({ completions, active, take }: Props) {
  const list = useRef<HTMLDivElement>(null)
  useEffect(() => {
    list.current?.children[active]?.scrollIntoView({ block: 'nearest' })
  }, [active])
  return (
    <div class="search-completions" id={LIST_ID} role="listbox" aria-label="Suggestions" ref={list}>
      {completions.map((completion, index) => (
        // biome-ignore lint/a11y/useFocusableInteractive: a combobox keeps the focus in its field
        // biome-ignore lint/a11y/useKeyWithClickEvents: as above
        <div
          key={`${index} ${completion.kind} ${completion.text}`}
          id={optionId(index)}
          class="search-completion"
          role="option"
          aria-selected={index === active}
          // The field would lose the focus, and the list would close before the click.
          onPointerDown={(event) => event.preventDefault()}
          onClick={() => take(completion)}
        >
          <Icon name={ICONS[completion.kind]} />
          <span class="search-completion-text">{completion.text}</span>
          <span class="visually-hidden">, {KINDS[completion.kind]},</span>
          <span class="search-completion-note">{completion.note}</span>
        </div>
      ))}
    </div>
  )
}
