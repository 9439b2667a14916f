import { FITTED, type Point, panBy, toggleZoom, wheelFactor, type ZoomLimits, type ZoomView, zoomAt } from './zoom.ts'

export interface GestureOptions {
  readonly stage: HTMLElement
  limits(): ZoomLimits
  /** Shows the picture so; `drag` is how far a finger has pulled it off its place. */
  show(view: ZoomView, drag: Point): void
  /** To the neighbour that was pulled in. */
  onSwipe(step: 1 | -1): void
  /** Pulled down. */
  onDismiss(): void
}

const NONE: Point = { x: 0, y: 0 }
/** So far, or so fast, and it is meant. */
const SWIPE = 70
const FLICK_PER_MS = 0.5

export interface Gestures {
  zoomBy(factor: number): void
  reset(): void
  isZoomed(): boolean
  stop(): void
}

/** Wheel, double click, pinch and drag on the stage. One finger pans what is zoomed, and swipes what is not. */
export function listenForGestures({ stage, limits, show, onSwipe, onDismiss }: GestureOptions): Gestures {
  let view = FITTED
  let drag = NONE
  let began = { at: 0, point: NONE }
  let isPinch = false
  const pointers = new Map<number, Point>()

  const draw = () => show(view, drag)
  const set = (next: ZoomView) => {
    view = next
    draw()
  }
  const fromMiddle = ({ clientX, clientY }: { clientX: number; clientY: number }): Point => {
    const box = stage.getBoundingClientRect()
    return { x: clientX - box.left - box.width / 2, y: clientY - box.top - box.height / 2 }
  }
  const isZoomed = () => view.scale > 1.01

  const onWheel = (event: WheelEvent) => {
    event.preventDefault()
    set(zoomAt(view, wheelFactor(event.deltaY, event.deltaMode), fromMiddle(event), limits()))
  }
  const onDoubleClick = (event: MouseEvent) => set(toggleZoom(view, fromMiddle(event), limits()))

  const onDown = (event: PointerEvent) => {
    if (event.button !== 0 || (event.target instanceof Element && event.target.closest('button'))) return
    if (pointers.size >= 2) return
    pointers.set(event.pointerId, fromMiddle(event))
    stage.setPointerCapture(event.pointerId)
    if (pointers.size === 1) {
      began = { at: event.timeStamp, point: fromMiddle(event) }
      isPinch = false
    } else isPinch = true
  }

  const onMove = (event: PointerEvent) => {
    const before = pointers.get(event.pointerId)
    if (!before) return
    const now = fromMiddle(event)
    const other = [...pointers].find(([id]) => id !== event.pointerId)?.[1]
    pointers.set(event.pointerId, now)
    if (other) return set(pinch(view, other, before, now, limits()))
    const by = { x: now.x - before.x, y: now.y - before.y }
    if (isZoomed()) return set(panBy(view, by, limits()))
    if (event.pointerType !== 'touch' || isPinch) return
    drag = { x: drag.x + by.x, y: Math.max(0, drag.y + by.y) }
    draw()
  }

  const onUp = (event: PointerEvent) => {
    if (!pointers.delete(event.pointerId) || pointers.size > 0) return
    const { x, y } = drag
    drag = NONE
    const speed = Math.max(Math.abs(x), y) / Math.max(1, event.timeStamp - began.at)
    const isMeant = (length: number) => length > SWIPE || (length > 20 && speed > FLICK_PER_MS)
    draw()
    if (event.type === 'pointercancel') return
    if (Math.abs(x) >= y && isMeant(Math.abs(x))) onSwipe(x < 0 ? 1 : -1)
    else if (y > Math.abs(x) && isMeant(y)) onDismiss()
  }

  const listeners = [
    ['wheel', onWheel],
    ['dblclick', onDoubleClick],
    ['pointerdown', onDown],
    ['pointermove', onMove],
    ['pointerup', onUp],
    ['pointercancel', onUp],
  ] as const
  for (const [name, run] of listeners) stage.addEventListener(name, run as EventListener, { passive: false })
  return {
    isZoomed,
    zoomBy: (factor) => set(zoomAt(view, factor, NONE, limits())),
    reset: () => set(FITTED),
    stop() {
      for (const [name, run] of listeners) stage.removeEventListener(name, run as EventListener)
    },
  }
}

/** Two fingers: the picture grows as they part, and goes where their middle goes. */
function pinch(view: ZoomView, other: Point, before: Point, now: Point, limits: ZoomLimits): ZoomView {
  const distance = (a: Point, b: Point) => Math.max(1, Math.hypot(a.x - b.x, a.y - b.y))
  const middle = (point: Point) => ({ x: (point.x + other.x) / 2, y: (point.y + other.y) / 2 })
  const moved = { x: middle(now).x - middle(before).x, y: middle(now).y - middle(before).y }
  return panBy(zoomAt(view, distance(now, other) / distance(before, other), middle(now), limits), moved, limits)
}
