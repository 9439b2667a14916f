import { type ReadonlySignal, signal } from '@preact/signals'
import type { Upload } from '../../../../src/schemas/uploads.ts'
import type { NeededGap } from './grid-layout.ts'
import { loadedUploads, type Section, withoutUploads, withUpload } from './sections.ts'

/** What a grid shows, and where more of it comes from. */
export interface GridSource {
  readonly sections: ReadonlySignal<readonly Section[]>
  /** Undefined until the first answer; then also what went wrong, until the next success. */
  readonly state: ReadonlySignal<SourceState>
  /** These gaps are looked at now. */
  need(gaps: readonly NeededGap[]): void
  /** Begins, or begins again after an error. What is shown stays until the answer is there. */
  start(): void
  find(id: string): Upload | undefined
  /** The one before or after, loaded if need be. */
  neighbour(id: string, step: 1 | -1): Promise<Upload | undefined>
  /** All ids in order, up to a number of them, loaded if need be. */
  allIds(most: number): Promise<readonly string[]>
  remove(ids: readonly string[]): void
  /** News of an upload that is shown. */
  update(upload: Upload): void
  /** Puts uploads where they belong; those that are shown already are moved. */
  insert(uploads: readonly Upload[]): void
}

export interface SourceState {
  readonly ready: boolean
  readonly error: unknown
}

/** What both kinds of source do in the same way. */
export function createSections() {
  const sections = signal<readonly Section[]>([])
  const state = signal<SourceState>({ ready: false, error: undefined })
  return {
    sections,
    state,
    succeed: () => {
      if (!state.value.ready || state.value.error !== undefined) state.value = { ready: true, error: undefined }
    },
    fail: (error: unknown) => {
      state.value = { ...state.value, error }
    },
    find(id: string): Upload | undefined {
      for (const upload of loadedUploads(sections.value)) if (upload.id === id) return upload
      return undefined
    },
    remove: (ids: readonly string[]) => {
      sections.value = withoutUploads(sections.value, new Set(ids))
    },
    update: (upload: Upload) => {
      sections.value = withUpload(sections.value, upload)
    },
  }
}

/** Beside an upload stands another one, an end, or what has to be loaded first. */
export type Beside = { readonly upload: Upload } | { readonly gap: NeededGap } | undefined

export function beside(sections: readonly Section[], id: string, step: 1 | -1): Beside {
  const places = sections.flatMap((section) => section.parts.map((part) => ({ section, part })))
  const at = places.findIndex(({ part }) => part.kind === 'run' && part.uploads.some((upload) => upload.id === id))
  const here = places[at]?.part
  if (here?.kind !== 'run') return undefined
  const upload = here.uploads[here.uploads.findIndex((each) => each.id === id) + step]
  if (upload) return { upload }
  const next = places[at + step]
  if (!next) return undefined
  if (next.part.kind === 'run') {
    const first = step === 1 ? next.part.uploads[0] : next.part.uploads.at(-1)
    return first && { upload: first }
  }
  const edge = step === 1 ? 0 : next.part.count
  return { gap: { sectionKey: next.section.key, gap: next.part, from: edge, to: edge } }
}

/** Loads what lies between until there is a neighbour; a few steps at the most, since a gap is loaded from its top. */
export async function neighbourOf(
  sections: () => readonly Section[],
  fill: (gap: NeededGap) => Promise<void>,
  id: string,
  step: 1 | -1,
): Promise<Upload | undefined> {
  const STEPS = 6
  for (let tries = 0; tries < STEPS; tries++) {
    const found = beside(sections(), id, step)
    if (!found) return undefined
    if ('upload' in found) return found.upload
    await fill(found.gap)
  }
  return undefined
}
