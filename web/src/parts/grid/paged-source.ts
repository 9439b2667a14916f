import type { Upload } from '../../../../src/schemas/uploads.ts'
import type { NeededGap } from './grid-layout.ts'
import { createSections, type GridSource, neighbourOf } from './grid-source.ts'
import type { Page } from './requests.ts'
import { type Gap, loadedUploads, type Part, replaceGap, runOf } from './sections.ts'

const KEY = 'all'
/** How much room is kept for the next page when nobody knows how much there is. */
const UNKNOWN_REST = 60

export interface PagedSourceOptions {
  readonly load: (cursor: string | undefined) => Promise<Page<Upload>>
  /** How many there are, when that is known. */
  readonly total?: () => number | undefined
}

/** A list that is read from its top, page by page, as far as somebody looks. */
export function createPagedSource({ load, total }: PagedSourceOptions): GridSource {
  const { sections, state, succeed, fail, find, remove, update } = createSections()
  let cursor: string | undefined
  let loading: Promise<void> | undefined

  const loaded = () => [...loadedUploads(sections.value)]
  const rest = (next: string | null, known: number): readonly Gap[] =>
    next === null ? [] : [{ kind: 'gap', count: Math.max(1, (total?.() ?? known + UNKNOWN_REST) - known) }]

  const show = (parts: readonly Part[]) => {
    sections.value = parts.length > 0 ? [{ key: KEY, parts }] : []
  }

  async function first(): Promise<void> {
    const page = await load(undefined)
    cursor = page.next_cursor ?? undefined
    show([...runOf(page.items), ...rest(page.next_cursor, page.items.length)])
  }

  async function next(gap: Gap): Promise<void> {
    const page = await load(cursor)
    cursor = page.next_cursor ?? undefined
    const known = loaded().length + page.items.length
    const parts: readonly Part[] = [...runOf(page.items), ...rest(page.next_cursor, known)]
    sections.value = sections.value.map((section) => replaceGap(section, gap, parts))
  }

  /** One page at a time: a cursor is good for one. */
  function once(work: () => Promise<void>): Promise<void> {
    loading ??= work()
      .then(succeed, fail)
      .finally(() => {
        loading = undefined
      })
    return loading
  }

  const fill = ({ gap }: Pick<NeededGap, 'gap'>) => once(() => next(gap))
  const gapNow = () => sections.value[0]?.parts.find((part) => part.kind === 'gap')

  return {
    sections,
    state,
    find,
    remove,
    update,
    start: () => {
      void once(first)
    },
    need: ([gap]) => {
      if (gap) void fill(gap)
    },
    neighbour: (id, step) => neighbourOf(() => sections.value, fill, id, step),
    async allIds(most) {
      for (let gap = gapNow(); gap && loaded().length < most && state.value.error === undefined; gap = gapNow())
        await fill({ gap })
      return loaded()
        .slice(0, most)
        .map(({ id }) => id)
    },
    // Where they belong only the server knows.
    insert: () => {
      void once(first)
    },
  }
}
