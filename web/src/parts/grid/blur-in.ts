import { toDataUrl } from '../thumbhash.ts'

/** Thumbnails that were seen before are there within this time, and need no stand-in. */
const PATIENCE_MS = 60
/** So much of a frame may go into drawing stand-ins; the others are drawn in the next ones. */
const BUDGET_MS = 5

const waiting = new Map<HTMLElement, string>()
const drawn = new WeakMap<HTMLElement, string>()
let isPlanned = false

/** Shows the blurred stand-in of a picture behind it, unless the picture comes first: drawing one takes milliseconds. */
export function blurIn(element: HTMLElement, thumbhash: string): void {
  if (drawn.get(element) === thumbhash) return
  waiting.set(element, thumbhash)
  if (isPlanned) return
  isPlanned = true
  setTimeout(() => requestAnimationFrame(draw), PATIENCE_MS)
}

function draw(): void {
  const until = performance.now() + BUDGET_MS
  for (const [element, thumbhash] of waiting) {
    if (performance.now() > until) break
    waiting.delete(element)
    if (!element.isConnected || element.querySelector('[data-loaded]')) continue
    drawn.set(element, thumbhash)
    element.style.backgroundImage = `url("${toDataUrl(thumbhash)}")`
  }
  isPlanned = waiting.size > 0
  if (isPlanned) requestAnimationFrame(draw)
}
