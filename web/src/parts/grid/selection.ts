import { computed, type ReadonlySignal, signal } from '@preact/signals'
import type { Upload } from '../../../../src/schemas/uploads.ts'
import { loadedUploads, type Section } from './sections.ts'

export interface Selection {
  readonly ids: ReadonlySignal<ReadonlySet<string>>
  readonly count: ReadonlySignal<number>
  toggle(id: string): void
  /** From the one that was touched last to this one, in the order in which they are shown. */
  extendTo(id: string, sections: readonly Section[]): void
  set(uploads: readonly string[], selected: boolean): void
  clear(): void
}

/** Which uploads are chosen. */
export function createSelection(): Selection {
  const ids = signal<ReadonlySet<string>>(new Set())
  let last: string | undefined
  const set = (changed: readonly string[], selected: boolean) => {
    const next = new Set(ids.value)
    for (const id of changed) selected ? next.add(id) : next.delete(id)
    ids.value = next
  }
  return {
    ids,
    count: computed(() => ids.value.size),
    set,
    toggle(id) {
      set([id], !ids.value.has(id))
      last = id
    },
    extendTo(id, sections) {
      set(last === undefined ? [id] : idsBetween(sections, last, id), true)
      last = id
    },
    clear() {
      if (ids.value.size > 0) ids.value = new Set()
      last = undefined
    },
  }
}

/** What is not loaded between the two stays out: nobody has seen it. */
export function idsBetween(sections: readonly Section[], one: string, other: string): string[] {
  const shown = [...loadedUploads(sections)].map(({ id }: Upload) => id)
  const ends = [shown.indexOf(one), shown.indexOf(other)].sort((a, b) => a - b)
  const [first = -1, second = -1] = ends
  return first < 0 ? [other] : shown.slice(first, second + 1)
}
