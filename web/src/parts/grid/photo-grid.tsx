import type { ComponentChildren } from 'preact'
import { useRef } from 'preact/hooks'
import type { Upload } from '../../../../src/schemas/uploads.ts'
import { navigate } from '../../app/router.tsx'
import { ErrorNote } from '../error-note.tsx'
import './grid.css'
import { GridBlock } from './grid-block.tsx'
import { visibleBlocks } from './grid-layout.ts'
import type { GridMemory } from './grid-memory.ts'
import { Scrubber } from './scrubber.tsx'
import { setTrail } from './trail.ts'
import { useGridFocus } from './use-grid-focus.ts'
import { useGridHandlers } from './use-grid-handlers.ts'
import { useGridView } from './use-grid-view.ts'

export interface PhotoGridProps {
  readonly memory: GridMemory
  /** What the grid is, for those who hear it. */
  readonly label: string
  /** Days get labels. It must stay the same function. */
  readonly dayOf?: ((upload: Upload) => string) | undefined
  /** Sections are months, and a scrubber at the side leads to each. */
  readonly hasScrubber?: boolean
  readonly isSelectable?: boolean
  /** Instead of the viewer. */
  readonly onOpen?: (upload: Upload) => void
  /** Where an upload opens: a moment of a video, say. */
  readonly hrefOf?: (upload: Upload) => string
  /** A word on a picture: its score, when it goes for good. */
  readonly noteOf?: (upload: Upload) => ComponentChildren
  /** Shown when there is nothing. */
  readonly empty: ComponentChildren
}

/** Pictures in lines of one height; no more of them are in the page than are seen, and a little around. */
export function PhotoGrid(props: PhotoGridProps) {
  const { memory, label, dayOf, hasScrubber = false, isSelectable = true, empty } = props
  const { source, selection } = memory
  const canvas = useRef<HTMLDivElement>(null)
  const view = useGridView(canvas, memory, dayOf)
  const { layout, span } = view
  const focus = useGridFocus(memory, canvas, view)
  const open = (upload: Upload) => {
    memory.focusId = upload.id
    if (props.onOpen) return props.onOpen(upload)
    setTrail(source)
    navigate(props.hrefOf?.(upload) ?? `/photo/${upload.id}`, { over: true })
  }
  const handlers = useGridHandlers({ memory, isSelectable, open, move: focus.move })
  const { ready, error } = source.state.value
  const isEmpty = ready && source.sections.value.length === 0

  return (
    <div
      class="grid"
      data-scrubber={hasScrubber ? '' : undefined}
      data-selecting={selection.count.value > 0 ? '' : undefined}
    >
      {error !== undefined && <ErrorNote error={error} retry={() => source.start()} />}
      {isEmpty && empty}
      {/* biome-ignore lint/a11y/useSemanticElements: cells stand where their shapes put them; no table can do that */}
      <div
        ref={canvas}
        class="grid-canvas"
        role="grid"
        tabIndex={-1}
        aria-label={label}
        aria-multiselectable={isSelectable}
        aria-busy={!ready}
        style={{ height: `${layout.height}px` }}
        {...handlers}
      >
        {layout.measure.width > 0 &&
          visibleBlocks(layout, span.from, span.to).map((visible) => (
            <GridBlock
              key={`${visible.sectionKey} ${visible.block.key}`}
              visible={visible}
              selection={selection}
              isSelectable={isSelectable}
              noteOf={props.noteOf}
              currentId={focus.currentId}
              measure={layout.measure}
              span={span}
            />
          ))}
      </div>
      {hasScrubber && <Scrubber layout={layout} y={view.y} onSeek={view.scrollTo} />}
    </div>
  )
}
