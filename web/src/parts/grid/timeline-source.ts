import type { UploadFilter } from '../../../../src/schemas/filters.ts'
import type { Upload } from '../../../../src/schemas/uploads.ts'
import type { NeededGap } from './grid-layout.ts'
import { createSections, type GridSource, neighbourOf } from './grid-source.ts'
import { listUploads, readTimeline } from './requests.ts'
import { type Gap, type Part, replaceGap, type Section, sizeOf, tidy, withoutUploads } from './sections.ts'
import { afterPage, findCut, monthGap, splitGap, type TimeGap } from './timeline-gaps.ts'

export type TimelineBy = 'taken' | 'created'

export interface TimelineSourceOptions {
  readonly filter: UploadFilter
  /** By when they were taken (handed over, where nobody knows), or by when they were handed over. */
  readonly by: TimelineBy
  /** Whether an upload that has just come belongs to what is shown. */
  readonly shows: (upload: Upload) => boolean
}

/** A gap is read from its top when its looked-at place is not much farther down. */
const FROM_TOP = 250
/** A little above what is looked at, so that scrolling up finds something. */
const LEAD = 60
/** More uploads than that are not kept: months out of sight are only counted again. */
const KEPT = 6000

export function timeOf(upload: Upload, by: TimelineBy): number {
  return Date.parse(by === 'taken' ? (upload.taken_at ?? upload.created_at) : upload.created_at)
}

/** Months are of UTC, as the timeline counts them, and so are days: a day never lies in two months. */
export function dayOf(upload: Upload, by: TimelineBy): string {
  return new Date(timeOf(upload, by)).toISOString().slice(0, 10)
}

const isTimeGap = (gap: Gap): gap is TimeGap => 'after' in gap

/** All uploads of a filter by time: months are counted first, and filled where somebody looks. */
export function createTimelineSource({ filter, by, shows }: TimelineSourceOptions): GridSource {
  const { sections, state, succeed, fail, find, remove, update } = createSections()
  const sort = by === 'taken' ? '-taken_at' : '-created_at'
  const time = (upload: Upload) => timeOf(upload, by)
  const busy = new Map<Gap, Promise<void>>()

  /** The filter may name a stretch of its own, a month say: the narrower one holds. */
  function between(after: number, before: number): UploadFilter {
    const [from, to] =
      by === 'taken' ? (['taken_after', 'taken_before'] as const) : (['uploaded_after', 'uploaded_before'] as const)
    const start = Math.max(after, Date.parse(filter[from] ?? '') || after)
    const end = Math.min(before, Date.parse(filter[to] ?? '') || before)
    return { ...filter, [from]: new Date(start).toISOString(), [to]: new Date(end).toISOString() }
  }

  const countBetween = async (after: number, before: number) =>
    (await readTimeline({ ...between(after, before), by })).total

  function replace(key: string, gap: Gap, parts: readonly Part[]): void {
    sections.value = sections.value
      .map((section) => (section.key === key ? replaceGap(section, gap, parts) : section))
      .filter((section) => section.parts.length > 0)
  }

  async function readTop(key: string, gap: TimeGap): Promise<void> {
    const { after, before } = gap.resume ?? gap
    const page = await listUploads({
      ...between(after, before),
      sort,
      ...(gap.resume ? { cursor: gap.resume.cursor } : {}),
    })
    replace(key, gap, afterPage(gap, page.items, page.next_cursor, time))
  }

  async function fillGap({ sectionKey, gap, from }: NeededGap): Promise<void> {
    if (!isTimeGap(gap)) return
    const wanted = Math.max(0, from - LEAD)
    const cut = from > FROM_TOP ? await findCut(gap, wanted, countBetween) : undefined
    if (!cut) return readTop(sectionKey, gap)
    const [upper, lower] = splitGap(gap, cut.moment, cut.lower)
    replace(sectionKey, gap, [upper, lower])
    await readTop(sectionKey, lower)
  }

  /** A gap is filled once at a time; whoever looks at the rest asks again when it is shown. */
  function fill(needed: NeededGap): Promise<void> {
    const running = busy.get(needed.gap)
    if (running) return running
    const work = fillGap(needed)
      .then(succeed, fail)
      .finally(() => busy.delete(needed.gap))
    busy.set(needed.gap, work)
    return work
  }

  /** Months that still have the number of uploads they had keep what they show. */
  async function count(): Promise<void> {
    const { months } = await readTimeline({ ...filter, by })
    const known = new Map(sections.value.map((section) => [section.key, section]))
    sections.value = await Promise.all(
      months.map(async ({ month, count: size }): Promise<Section> => {
        const old = known.get(month)
        if (old && sizeOf(old) === size) return old
        const gap = monthGap(month, size)
        return { key: month, parts: old ? await reread(gap) : [gap] }
      }),
    )
  }

  /** What is shown is not taken away to be shown again: its first page is there when it is replaced. */
  async function reread(gap: TimeGap): Promise<readonly Part[]> {
    const page = await listUploads({ ...between(gap.after, gap.before), sort })
    return tidy(afterPage(gap, page.items, page.next_cursor, time))
  }

  function forget(shown: readonly NeededGap[]): void {
    const loaded = sections.value.reduce((sum, section) => sum + countLoaded(section), 0)
    if (loaded <= KEPT) return
    const middle = sections.value.findIndex(({ key }) => key === shown[0]?.sectionKey)
    let surplus = loaded - KEPT
    const farthestFirst = sections.value.map((section, index) => ({ section, away: Math.abs(index - middle) }))
    const gone = new Set<Section>()
    for (const { section, away } of farthestFirst.sort((a, b) => b.away - a.away)) {
      if (surplus <= 0 || away <= 1) break
      surplus -= countLoaded(section)
      gone.add(section)
    }
    sections.value = sections.value.map((section) =>
      gone.has(section) ? { key: section.key, parts: [monthGap(section.key, sizeOf(section))] } : section,
    )
  }

  function insert(uploads: readonly Upload[]): void {
    const ids = new Set(uploads.map(({ id }) => id))
    let next = withoutUploads(sections.value, ids)
    for (const upload of uploads.filter(shows)) next = withPlaced(next, upload, time)
    sections.value = next
  }

  const source: GridSource = {
    sections,
    state,
    find,
    remove,
    update,
    insert,
    start: () => {
      void count().then(succeed, fail)
    },
    need(gaps) {
      forget(gaps)
      for (const gap of gaps) void fill(gap)
    },
    neighbour: (id, step) => neighbourOf(() => sections.value, fill, id, step),
    async allIds(most) {
      const ids: string[] = []
      let cursor: string | undefined
      do {
        const page = await listUploads({ ...filter, sort, ...(cursor === undefined ? {} : { cursor }) })
        ids.push(...page.items.map(({ id }) => id))
        cursor = page.next_cursor ?? undefined
      } while (cursor !== undefined && ids.length < most)
      return ids.slice(0, most)
    },
  }
  return source
}

function countLoaded(section: Section): number {
  return section.parts.reduce((sum, part) => sum + (part.kind === 'run' ? part.uploads.length : 0), 0)
}

/** Into the run of its month where it belongs; where that is not loaded, it is only counted. */
function withPlaced(
  sections: readonly Section[],
  upload: Upload,
  time: (upload: Upload) => number,
): readonly Section[] {
  const moment = time(upload)
  const month = new Date(moment).toISOString().slice(0, 7)
  const section = sections.find(({ key }) => key === month)
  if (section) return sections.map((each) => (each === section ? placeInMonth(section, upload, time) : each))
  const added: Section = { key: month, parts: [{ kind: 'run', uploads: [upload] }] }
  return [...sections, added].sort((a, b) => (a.key < b.key ? 1 : -1))
}

function placeInMonth(section: Section, upload: Upload, time: (upload: Upload) => number): Section {
  const moment = time(upload)
  const isNewer = (other: Upload) => moment > time(other) || (moment === time(other) && upload.id > other.id)
  for (const [index, part] of section.parts.entries()) {
    if (part.kind === 'gap') {
      if (!isTimeGap(part) || moment < part.after) continue
      const counted = { ...part, count: part.count + 1 }
      return { ...section, parts: section.parts.with(index, counted) }
    }
    const at = part.uploads.findIndex(isNewer)
    if (at >= 0)
      return {
        ...section,
        parts: section.parts.with(index, { ...part, uploads: part.uploads.toSpliced(at, 0, upload) }),
      }
  }
  return { ...section, parts: tidy([...section.parts, { kind: 'run', uploads: [upload] }]) }
}
