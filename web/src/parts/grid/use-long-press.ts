import { useRef } from 'preact/hooks'

const PRESS_MS = 420
/** A finger that moves farther scrolls. */
const SLIP = 10

/** On touch there is no check to click: a long press chooses. */
export function useLongPress(run: (id: string) => void) {
  const press = useRef<{ timer: ReturnType<typeof setTimeout>; x: number; y: number } | undefined>(undefined)
  const fired = useRef(0)
  const stop = () => {
    clearTimeout(press.current?.timer)
    press.current = undefined
  }
  return {
    /** The finger that is lifted clicks once more. */
    justFired: () => performance.now() - fired.current < 600,
    handlers: {
      onPointerDown(event: PointerEvent) {
        stop()
        const link = event.target instanceof Element ? event.target.closest('[data-id]') : null
        const id = link?.getAttribute('data-id')
        if (event.pointerType !== 'touch' || !id) return
        const timer = setTimeout(() => {
          fired.current = performance.now()
          navigator.vibrate?.(12)
          run(id)
        }, PRESS_MS)
        press.current = { timer, x: event.clientX, y: event.clientY }
      },
      onPointerMove(event: PointerEvent) {
        const from = press.current
        if (from && Math.hypot(event.clientX - from.x, event.clientY - from.y) > SLIP) stop()
      },
      onPointerUp: stop,
      onPointerCancel: stop,
      onContextMenu(event: MouseEvent) {
        // The browser's own menu for links would lie over what the press has chosen.
        if (event instanceof PointerEvent && event.pointerType === 'touch') event.preventDefault()
      },
    },
  }
}
