import type { ComponentChildren } from 'preact'
import type { Upload } from '../../../../src/schemas/uploads.ts'
import { GridCell } from './grid-cell.tsx'
import { GridGap } from './grid-gap.tsx'
import type { VisibleBlock } from './grid-layout.ts'
import type { DayLabel, GridMeasure } from './section-layout.ts'
import type { Selection } from './selection.ts'
import { dayLabel } from './words.ts'

/** Below this width labels have room for a few letters only. */
const NARROW_LABEL = 190

interface GridBlockProps {
  readonly visible: VisibleBlock
  readonly selection: Selection
  readonly isSelectable: boolean
  readonly noteOf: ((upload: Upload) => ComponentChildren) | undefined
  readonly currentId: string | undefined
  readonly measure: GridMeasure
  readonly span: { readonly from: number; readonly to: number }
}

/** A day, or a few in one line, or a gap: as much of it as is seen. */
export function GridBlock({ visible, selection, isSelectable, noteOf, currentId, measure, span }: GridBlockProps) {
  const { block, rows, sectionTop } = visible
  const top = sectionTop + block.top
  const chosen = selection.ids.value
  const isNarrow = block.labels.some(({ width }) => width < NARROW_LABEL)
  return (
    <div
      role={block.gap ? 'presentation' : 'rowgroup'}
      class="grid-block"
      style={{ top: `${top}px`, height: `${block.height}px` }}
    >
      {block.labels.length > 0 && (
        // biome-ignore lint/a11y/useSemanticElements: as the grid itself
        // biome-ignore lint/a11y/useFocusableInteractive: its buttons have the focus
        <div class="grid-days" role="row">
          {block.labels.map((day) => (
            <DayHead key={day.day} day={day} isNarrow={isNarrow} selection={isSelectable ? selection : undefined} />
          ))}
        </div>
      )}
      {block.gap && <GridGap block={block} measure={measure} from={span.from - top} to={span.to - top} />}
      {rows.map((row) => (
        // biome-ignore lint/a11y/useSemanticElements: as the grid itself
        // biome-ignore lint/a11y/useFocusableInteractive: its cells have the focus
        <div
          role="row"
          class="grid-row"
          key={row.cells[0]?.upload.id}
          style={{ top: `${row.top - block.top}px`, height: `${row.height}px` }}
        >
          {row.cells.map(({ upload, x, width }) => (
            <GridCell
              key={upload.id}
              upload={upload}
              x={x}
              width={width}
              height={row.height}
              selected={isSelectable ? chosen.has(upload.id) : undefined}
              isCurrent={upload.id === currentId}
              note={noteOf?.(upload)}
            />
          ))}
        </div>
      ))}
    </div>
  )
}

interface DayHeadProps {
  readonly day: DayLabel
  /** One of those in its line has little room: then all are short. */
  readonly isNarrow: boolean
  readonly selection: Selection | undefined
}

/** Names a day, and takes all of it into the selection. */
function DayHead({ day: { day, x, width, uploads }, isNarrow, selection }: DayHeadProps) {
  const text = dayLabel(day, isNarrow)
  const all = uploads.every(({ id }) => selection?.ids.value.has(id))
  return (
    // biome-ignore lint/a11y/useSemanticElements: as the grid itself
    // biome-ignore lint/a11y/useFocusableInteractive: its button has the focus
    <div role="gridcell" class="grid-day" style={{ left: `${x}px`, width: `${width}px` }}>
      <h2 title={dayLabel(day, false)}>{text}</h2>
      {selection && !isNarrow && (
        <button
          type="button"
          class="grid-day-select"
          aria-label={`${all ? 'Selected:' : 'Select'} all of ${dayLabel(day, false)}`}
          aria-pressed={all}
          onClick={() =>
            selection.set(
              uploads.map(({ id }) => id),
              !all,
            )
          }
        >
          {all ? 'Selected' : 'Select'}
        </button>
      )}
    </div>
  )
}
