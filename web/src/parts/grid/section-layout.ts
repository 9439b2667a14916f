import type { Upload } from '../../../../src/schemas/uploads.ts'
import { aspectOf, type Box, boxesOf, justify, type Measure, widthAt } from './justify.ts'
import { countOf, type Gap, type Part, type Section } from './sections.ts'

export interface Cell extends Box {
  readonly upload: Upload
}

/** `top` counts from the beginning of the section; `ordinal` is the place of its first upload in the section. */
export interface Row {
  readonly top: number
  readonly height: number
  readonly ordinal: number
  readonly cells: readonly Cell[]
}

export interface DayLabel extends Box {
  readonly day: string
  readonly uploads: readonly Upload[]
}

/** A day, or a few small ones side by side; or what is not loaded. Labels stay in sight while their block is. */
export interface Block {
  readonly key: string
  readonly top: number
  readonly height: number
  readonly labels: readonly DayLabel[]
  readonly rows: readonly Row[]
  readonly gap: { readonly part: Gap; readonly ordinal: number } | undefined
}

export interface SectionLayout {
  readonly section: Section
  readonly height: number
  readonly count: number
  readonly blocks: readonly Block[]
}

export interface GridMeasure extends Measure {
  /** Which day an upload belongs to; without it there are no labels. */
  readonly dayOf: ((upload: Upload) => string) | undefined
}

export const LABEL_HEIGHT = 44
const BLOCK_GAP = 16
/** Between two days that stand side by side. */
const DAY_GAP = 20
/** What a label needs, however small the pictures are below it. */
const LABEL_WIDTH = 112
/** A line of small days is stretched to the full width if that makes it at most so much higher. */
const STRETCH = 1.25
/** What an upload is taken for that nobody has seen yet: its shape, and how many lines a day has. */
const USUAL_ASPECT = 1.38
const LINES_OF_A_DAY = 2

/** Where everything in a section stands, from the shapes of what is known and the number of the rest. */
export function layoutSection(section: Section, measure: GridMeasure): SectionLayout {
  const blocks: Block[] = []
  let top = 0
  let ordinal = 0
  for (const part of section.parts) {
    const made =
      part.kind === 'gap' ? [gapBlock(part, top, ordinal, measure)] : runBlocks(part.uploads, top, ordinal, measure)
    blocks.push(...made)
    const last = blocks.at(-1)
    if (last) top = last.top + last.height
    ordinal += countOf(part)
  }
  return { section, height: top, count: ordinal, blocks: withDistinctKeys(blocks) }
}

/** By day, so that a block stays the same one when others come before it; a gap may cut a day into several. */
function withDistinctKeys(blocks: readonly Block[]): Block[] {
  const seen = new Map<string, number>()
  return blocks.map((block) => {
    const nth = seen.get(block.key) ?? 0
    seen.set(block.key, nth + 1)
    return nth === 0 ? block : { ...block, key: `${block.key} ${nth}` }
  })
}

export function usualPerLine({ width, target, gap }: Measure): number {
  return Math.max(1, Math.floor((width + gap) / (target * USUAL_ASPECT + gap)))
}

/** An honest guess: the scrubber stands on it until the uploads are there. */
export function gapHeight(count: number, measure: GridMeasure): number {
  const lines = Math.ceil(count / usualPerLine(measure))
  const days = measure.dayOf ? Math.min(31, Math.ceil(lines / LINES_OF_A_DAY)) : 0
  return lines * (measure.target + measure.gap) + days * (LABEL_HEIGHT + BLOCK_GAP)
}

function gapBlock(part: Gap, top: number, ordinal: number, measure: GridMeasure): Block {
  return {
    key: 'gap',
    top,
    height: gapHeight(part.count, measure),
    labels: [],
    rows: [],
    gap: { part, ordinal },
  }
}

interface Day {
  readonly day: string
  readonly uploads: readonly Upload[]
  readonly aspects: readonly number[]
}

function runBlocks(uploads: readonly Upload[], start: number, firstOrdinal: number, measure: GridMeasure): Block[] {
  const blocks: Block[] = []
  let top = start
  let ordinal = firstOrdinal
  for (const days of shareLines(splitDays(uploads, measure.dayOf), measure)) {
    const block = days.length > 1 ? sharedBlock(days, top, ordinal, measure) : dayBlock(days, top, ordinal, measure)
    blocks.push(block)
    top += block.height
    ordinal += days.reduce((sum, day) => sum + day.uploads.length, 0)
  }
  return blocks
}

function splitDays(uploads: readonly Upload[], dayOf: GridMeasure['dayOf']): Day[] {
  const days: { day: string; uploads: Upload[]; aspects: number[] }[] = []
  for (const upload of uploads) {
    const day = dayOf?.(upload) ?? ''
    let last = days.at(-1)
    if (last?.day !== day) {
      last = { day, uploads: [], aspects: [] }
      days.push(last)
    }
    last.uploads.push(upload)
    last.aspects.push(aspectOf(upload.width, upload.height))
  }
  return days
}

function smallWidth(day: Day, { target, gap }: Measure): number {
  return Math.max(LABEL_WIDTH, widthAt(day.aspects, target, gap))
}

/** Small days that follow each other share a line: a year of single pictures is not a year of empty lines. */
function shareLines(days: readonly Day[], measure: Measure): Day[][] {
  const lines: { days: Day[]; width: number }[] = []
  for (const day of days) {
    const width = smallWidth(day, measure)
    const last = lines.at(-1)
    if (last && last.width + DAY_GAP + width <= measure.width) {
      last.days.push(day)
      last.width += DAY_GAP + width
    } else lines.push({ days: [day], width })
  }
  return lines.map((line) => line.days)
}

function dayBlock([day]: readonly Day[], top: number, ordinal: number, measure: GridMeasure): Block {
  const { day: name, uploads, aspects } = day ?? { day: '', uploads: [], aspects: [] }
  const labels = measure.dayOf ? [{ day: name, uploads, x: 0, width: measure.width }] : []
  let rowTop = top + (labels.length > 0 ? LABEL_HEIGHT : 0)
  const rows = justify(aspects, measure).map((line): Row => {
    const row = {
      top: rowTop,
      height: line.height,
      ordinal: ordinal + line.first,
      cells: toCells(uploads, line.first, line.boxes),
    }
    rowTop += line.height + measure.gap
    return row
  })
  const height = rowTop - top + (labels.length > 0 ? BLOCK_GAP : 0)
  return { key: name, top, height, labels, rows, gap: undefined }
}

function sharedBlock(days: readonly Day[], top: number, ordinal: number, measure: GridMeasure): Block {
  const height = sharedHeight(days, measure)
  const labels: DayLabel[] = []
  const cells: Cell[] = []
  let x = 0
  for (const day of days) {
    const width = Math.max(LABEL_WIDTH, widthAt(day.aspects, height, measure.gap))
    labels.push({ day: day.day, uploads: day.uploads, x, width })
    cells.push(...toCells(day.uploads, 0, boxesOf(day.aspects, height, measure.gap, x)))
    x += width + DAY_GAP
  }
  const row = { top: top + LABEL_HEIGHT, height, ordinal, cells }
  return {
    key: days[0]?.day ?? '',
    top,
    height: LABEL_HEIGHT + height + measure.gap + BLOCK_GAP,
    labels,
    rows: [row],
    gap: undefined,
  }
}

function sharedHeight(days: readonly Day[], { width, target, gap }: Measure): number {
  const aspects = days.flatMap((day) => day.aspects)
  const inner = days.reduce((sum, day) => sum + gap * (day.uploads.length - 1), 0)
  const full = (width - DAY_GAP * (days.length - 1) - inner) / aspects.reduce((sum, aspect) => sum + aspect, 0)
  const fits = days.every((day) => widthAt(day.aspects, target, gap) >= LABEL_WIDTH)
  return fits && full >= target && full <= target * STRETCH ? full : target
}

function toCells(uploads: readonly Upload[], first: number, boxes: readonly Box[]): Cell[] {
  return boxes.flatMap((box, index) => {
    const upload = uploads[first + index]
    return upload ? [{ ...box, upload }] : []
  })
}

/** The kinds of part, for those who look at a section as a list. */
export function isGap(part: Part): part is Gap {
  return part.kind === 'gap'
}
