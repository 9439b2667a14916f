import type { Upload } from '../../../../src/schemas/uploads.ts'

/** Uploads that are known, one after another. */
export interface Run {
  readonly kind: 'run'
  readonly uploads: readonly Upload[]
}

/** Uploads that are only counted so far. It is replaced by others as it fills; its identity is its key. */
export interface Gap {
  readonly kind: 'gap'
  readonly count: number
}

export type Part = Run | Gap

/** A month of the timeline, or all of a plain list. Never changed: a change makes another one, so layouts are kept by it. */
export interface Section {
  readonly key: string
  readonly parts: readonly Part[]
}

export function countOf(part: Part): number {
  return part.kind === 'run' ? part.uploads.length : part.count
}

export function sizeOf(section: Section): number {
  return section.parts.reduce((sum, part) => sum + countOf(part), 0)
}

export function* loadedUploads(sections: readonly Section[]): Generator<Upload> {
  for (const section of sections) for (const part of section.parts) if (part.kind === 'run') yield* part.uploads
}

export function runOf(uploads: readonly Upload[]): readonly Run[] {
  return uploads.length > 0 ? [{ kind: 'run', uploads }] : []
}

/** Neighbouring runs become one, and what is empty goes. */
export function tidy(parts: readonly Part[]): readonly Part[] {
  const result: Part[] = []
  for (const part of parts) {
    const last = result.at(-1)
    if (countOf(part) === 0) continue
    if (part.kind === 'run' && last?.kind === 'run')
      result[result.length - 1] = { kind: 'run', uploads: [...last.uploads, ...part.uploads] }
    else result.push(part)
  }
  return result
}

/** Puts other parts in the place of a gap, without what is shown already. Gone meanwhile: nothing changes. */
export function replaceGap(section: Section, gap: Gap, parts: readonly Part[]): Section {
  if (!section.parts.includes(gap)) return section
  const known = new Set([...loadedUploads([section])].map((upload) => upload.id))
  const fresh = parts.map((part) =>
    part.kind === 'run' ? { ...part, uploads: part.uploads.filter(({ id }) => !known.has(id)) } : part,
  )
  return { ...section, parts: tidy(section.parts.flatMap((part) => (part === gap ? fresh : [part]))) }
}

export function withoutUploads(sections: readonly Section[], ids: ReadonlySet<string>): readonly Section[] {
  const keep = ({ id }: Upload) => !ids.has(id)
  return sections
    .map((section) => mapRuns(section, (uploads) => (uploads.every(keep) ? uploads : uploads.filter(keep))))
    .filter((section) => section.parts.length > 0)
}

/** In its place, when it is shown. */
export function withUpload(sections: readonly Section[], upload: Upload): readonly Section[] {
  return sections.map((section) =>
    mapRuns(section, (uploads) => {
      const index = uploads.findIndex(({ id }) => id === upload.id)
      return index < 0 ? uploads : uploads.with(index, upload)
    }),
  )
}

/** The same section when no run changed, so that its layout is kept. */
function mapRuns(section: Section, map: (uploads: readonly Upload[]) => readonly Upload[]): Section {
  let changed = false
  const parts = section.parts.map((part) => {
    if (part.kind === 'gap') return part
    const uploads = map(part.uploads)
    if (uploads === part.uploads) return part
    changed = true
    return { ...part, uploads }
  })
  return changed ? { ...section, parts: tidy(parts) } : section
}
