import type { RefObject } from 'preact'
import { piecesOf } from './query-text.ts'
import type { Complaint } from './search-state.ts'

interface Stretch {
  readonly start: number
  readonly text: string
  readonly look: 'plain' | 'filter' | 'mistake'
}

/**
 * Lies under the field, letter for letter, and shows what a field cannot: which parts are filters, and where the
 * server stumbled.
 */
export function QueryMirror({ text, complaint, mirror }: Props) {
  return (
    <div class="search-mirror" aria-hidden="true" ref={mirror}>
      {stretchesOf(text, complaint).map(({ start, text: part, look }) => (
        <span key={start} class={`search-mirror-${look}`}>
          {part}
        </span>
      ))}
    </div>
  )
}

interface Props {
  text: string
  complaint: Complaint | undefined
  mirror: RefObject<HTMLDivElement | null>
}

function stretchesOf(text: string, complaint: Complaint | undefined): Stretch[] {
  const stretches: Stretch[] = []
  let at = 0
  const add = (end: number, look: Stretch['look']) => {
    if (end > at) stretches.push({ start: at, text: text.slice(at, end), look })
    at = Math.max(at, end)
  }
  for (const { position, end, field } of piecesOf(text)) {
    const look = field === undefined ? 'plain' : 'filter'
    add(position, 'plain')
    if (complaint !== undefined && position <= complaint.position && complaint.position <= end) {
      // What is missing behind a colon is shown at the colon.
      add(Math.min(complaint.position, end - 1), look)
      add(end, 'mistake')
    } else {
      add(end, look)
    }
  }
  add(text.length, 'plain')
  return stretches
}
