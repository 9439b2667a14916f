/** One picture of a line: where it begins, and how wide it is. */
export interface Box {
  readonly x: number
  readonly width: number
}

/** Pictures side by side, all of one height. `first` is the place of its first picture among those that were given. */
export interface Line {
  readonly first: number
  readonly height: number
  readonly boxes: readonly Box[]
}

export interface Measure {
  readonly width: number
  /** The height that lines come near to. */
  readonly target: number
  readonly gap: number
}

/** A strip of film or a tower would leave nothing of the others in its line: beyond these, the sides are cropped. */
const NARROWEST = 0.45
const WIDEST = 2.8
/** Until somebody has looked at it: the shape that most cameras have. */
const UNKNOWN = 4 / 3

export function aspectOf(width: number | null, height: number | null): number {
  if (!width || !height) return UNKNOWN
  return Math.min(WIDEST, Math.max(NARROWEST, width / height))
}

/** The width of pictures side by side at a height. */
export function widthAt(aspects: readonly number[], height: number, gap: number): number {
  const sum = aspects.reduce((total, aspect) => total + aspect, 0)
  return sum * height + gap * Math.max(0, aspects.length - 1)
}

/** Lines that fill the width, each as near to the target as it gets; the last one keeps the target height. */
export function justify(aspects: readonly number[], { width, target, gap }: Measure): Line[] {
  const lines: Line[] = []
  let first = 0
  while (first < aspects.length) {
    const { end, height } = nextLine(aspects, first, { width, target, gap })
    lines.push({ first, height, boxes: boxesOf(aspects.slice(first, end), height, gap) })
    first = end
  }
  return lines
}

/** Takes pictures until the line is lower than the target; the last one stays only if that comes nearer to it. */
function nextLine(aspects: readonly number[], first: number, { width, target, gap }: Measure) {
  let sum = 0
  let before = Number.POSITIVE_INFINITY
  for (let end = first; end < aspects.length; end++) {
    sum += aspects[end] ?? UNKNOWN
    const height = (width - gap * (end - first)) / sum
    if (height <= target) {
      const without = Math.abs(Math.log(before / target)) < Math.abs(Math.log(height / target))
      return without && end > first ? { end, height: before } : { end: end + 1, height: Math.max(1, height) }
    }
    before = height
  }
  return { end: aspects.length, height: target }
}

export function boxesOf(aspects: readonly number[], height: number, gap: number, from = 0): Box[] {
  let x = from
  return aspects.map((aspect) => {
    const box = { x, width: aspect * height }
    x += box.width + gap
    return box
  })
}
