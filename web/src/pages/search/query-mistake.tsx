import { Icon } from '../../parts/icons.tsx'
import type { Complaint } from '../../parts/search-box/search-state.ts'

/** The query with a mark where the server stumbled, and its sentence. */
export function QueryMistake({ mistake: { query, position, sentence } }: { mistake: Complaint }) {
  return (
    <div class="query-mistake" role="alert">
      <p class="query-mistake-line">
        <code>
          {query.slice(0, position)}
          <mark>{query.slice(position) || '\u00a0'}</mark>
        </code>
      </p>
      <p class="query-mistake-sentence">
        <Icon name="error" size={18} />
        {sentence}
      </p>
    </div>
  )
}
