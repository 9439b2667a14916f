import {
  type Block,
  type Cell,
  type GridMeasure,
  layoutSection,
  type Row,
  type SectionLayout,
} from './section-layout.ts'
import type { Gap, Section } from './sections.ts'

export interface PlacedSection {
  readonly top: number
  readonly layout: SectionLayout
}

export interface GridLayout {
  readonly measure: GridMeasure
  readonly height: number
  readonly sections: readonly PlacedSection[]
}

/** Lays out a grid; sections that did not change since the last time are not laid out again. */
export function createGridLayouter() {
  let known = new WeakMap<Section, SectionLayout>()
  let knownFor = ''
  return (sections: readonly Section[], measure: GridMeasure): GridLayout => {
    const mark = `${measure.width} ${measure.target} ${measure.gap}`
    if (mark !== knownFor) known = new WeakMap()
    knownFor = mark
    let top = 0
    const placed = sections.map((section) => {
      const layout = known.get(section) ?? layoutSection(section, measure)
      known.set(section, layout)
      const place = { top, layout }
      top += layout.height
      return place
    })
    return { measure, height: top, sections: placed }
  }
}

/** The first place whose end lies beyond `y`; of things one below the other. */
export function firstBeyond<T>(items: readonly T[], y: number, end: (item: T) => number): number {
  let low = 0
  let high = items.length
  while (low < high) {
    const middle = (low + high) >> 1
    const item = items[middle]
    if (item !== undefined && end(item) <= y) low = middle + 1
    else high = middle
  }
  return low
}

/** What lies between two heights, `top` and `end` telling where each thing begins and ends. */
function between<T>(
  items: readonly T[],
  from: number,
  to: number,
  top: (item: T) => number,
  end: (item: T) => number,
): readonly T[] {
  const first = firstBeyond(items, from, end)
  let last = first
  for (; last < items.length; last++) {
    const item = items[last]
    if (item === undefined || top(item) >= to) break
  }
  return items.slice(first, last)
}

export interface VisibleBlock {
  readonly sectionKey: string
  readonly sectionTop: number
  readonly block: Block
  readonly rows: readonly Row[]
}

/** All that stands in a part of the grid: no more than this is ever in the page. */
export function visibleBlocks({ sections }: GridLayout, from: number, to: number): VisibleBlock[] {
  const found: VisibleBlock[] = []
  const end = ({ top, layout }: PlacedSection) => top + layout.height
  for (const { top, layout } of between(sections, from, to, (section) => section.top, end)) {
    const blocks = between(
      layout.blocks,
      from - top,
      to - top,
      (block) => block.top,
      (block) => block.top + block.height,
    )
    for (const block of blocks) {
      const rows = between(
        block.rows,
        from - top,
        to - top,
        (row) => row.top,
        (row) => row.top + row.height,
      )
      found.push({ sectionKey: layout.section.key, sectionTop: top, block, rows })
    }
  }
  return found
}

export interface NeededGap {
  readonly sectionKey: string
  readonly gap: Gap
  /** Which of its uploads are looked at. */
  readonly from: number
  readonly to: number
}

export function visibleGaps(layout: GridLayout, from: number, to: number): NeededGap[] {
  return visibleBlocks(layout, from, to).flatMap(({ sectionKey, sectionTop, block }) => {
    if (!block.gap) return []
    const { part } = block.gap
    const share = (y: number) => Math.min(1, Math.max(0, (y - sectionTop - block.top) / block.height))
    return [
      {
        sectionKey,
        gap: part,
        from: Math.floor(share(from) * part.count),
        to: Math.ceil(share(to) * part.count),
      },
    ]
  })
}

/** A place that stays in sight when what is above it changes its height. */
export interface Anchor {
  readonly sectionKey: string
  readonly id: string | undefined
  /** Its place in the section, in parts of an upload inside of a gap. */
  readonly ordinal: number
  /** How far below the beginning of the row it is. */
  readonly offset: number
}

export function anchorAt(layout: GridLayout, y: number): Anchor | undefined {
  const place = layout.sections[firstBeyond(layout.sections, y, (section) => section.top + section.layout.height)]
  if (!place) return undefined
  const { section, blocks } = place.layout
  const inside = y - place.top
  const block = blocks[firstBeyond(blocks, inside, (each) => each.top + each.height)]
  if (!block) return undefined
  if (block.gap) {
    const share = (inside - block.top) / block.height
    return {
      sectionKey: section.key,
      id: undefined,
      ordinal: block.gap.ordinal + share * block.gap.part.count,
      offset: 0,
    }
  }
  const row = block.rows[firstBeyond(block.rows, inside, (each) => each.top + each.height)] ?? block.rows.at(-1)
  if (!row) return undefined
  const id = row.cells[0]?.upload.id
  return { sectionKey: section.key, id, ordinal: row.ordinal, offset: inside - row.top }
}

/** Where the anchor stands now; undefined when its section is gone. */
export function heightOf(layout: GridLayout, anchor: Anchor): number | undefined {
  const place = layout.sections.find(({ layout: { section } }) => section.key === anchor.sectionKey)
  if (!place) return undefined
  const row = anchor.id === undefined ? undefined : findRow(place.layout, (cell) => cell.upload.id === anchor.id)
  if (row) return place.top + row.top + anchor.offset
  return place.top + heightOfOrdinal(place.layout, anchor.ordinal) + (anchor.id === undefined ? 0 : anchor.offset)
}

function findRow(layout: SectionLayout, test: (cell: Cell) => boolean): Row | undefined {
  for (const { rows } of layout.blocks) {
    const row = rows.find(({ cells }) => cells.some(test))
    if (row) return row
  }
  return undefined
}

function heightOfOrdinal({ blocks, height }: SectionLayout, ordinal: number): number {
  for (const block of blocks) {
    if (block.gap && ordinal < block.gap.ordinal + block.gap.part.count)
      return block.top + ((ordinal - block.gap.ordinal) / block.gap.part.count) * block.height
    const row = block.rows.find(({ ordinal: first, cells }) => ordinal < first + cells.length)
    if (row) return row.top
  }
  return height
}

export interface FoundCell {
  readonly top: number
  readonly row: Row
  readonly cell: Cell
}

export function findCell({ sections }: GridLayout, id: string): FoundCell | undefined {
  for (const { top, layout } of sections) {
    const row = findRow(layout, (cell) => cell.upload.id === id)
    const cell = row?.cells.find(({ upload }) => upload.id === id)
    if (row && cell) return { top: top + row.top, row, cell }
  }
  return undefined
}

/** The cell of the row above or below whose middle is nearest; rows beyond a gap do not count. */
export function cellBeside(layout: GridLayout, id: string, step: 1 | -1): Cell | undefined {
  const found = findCell(layout, id)
  if (!found) return undefined
  const rows = layout.sections.flatMap(({ layout: { blocks } }) => blocks.flatMap((block) => block.rows))
  const next = rows[rows.indexOf(found.row) + step]
  const middle = found.cell.x + found.cell.width / 2
  const distance = (cell: Cell) => Math.abs(cell.x + cell.width / 2 - middle)
  return next?.cells.reduce((best, cell) => (distance(cell) < distance(best) ? cell : best))
}
