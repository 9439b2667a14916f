import { type Block, type GridMeasure, usualPerLine } from './section-layout.ts'

interface GridGapProps {
  readonly block: Block
  readonly measure: GridMeasure
  /** What is seen of it, in its own heights. */
  readonly from: number
  readonly to: number
}

/** Plain tiles in the place of what is on its way: the page has its shape before it has its pictures. */
export function GridGap({ block, measure, from, to }: GridGapProps) {
  const { target, gap, width } = measure
  const pitch = target + gap
  const perLine = usualPerLine(measure)
  const count = block.gap?.part.count ?? 0
  const tile = (width - gap * (perLine - 1)) / perLine
  const first = Math.max(0, Math.floor(from / pitch))
  const last = Math.min(Math.ceil(count / perLine), Math.ceil(Math.min(to, block.height) / pitch))
  const lines = Array.from({ length: Math.max(0, last - first) }, (_, index) => first + index)
  return (
    <>
      {lines.flatMap((line) =>
        Array.from({ length: Math.min(perLine, count - line * perLine) }, (_, index) => (
          <span
            class="grid-tile"
            key={`${line} ${index}`}
            style={{
              top: `${line * pitch}px`,
              left: `${index * (tile + gap)}px`,
              width: `${tile}px`,
              height: `${target}px`,
            }}
          />
        )),
      )}
    </>
  )
}
