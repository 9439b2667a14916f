/** Pages fill after they are mounted; for so long the place where the reader was is looked for. */
const SETTLE_MS = 1500

let lastPath = location.pathname

/**
 * After a move to another page: scrolls to where the reader was there, and puts the focus on the heading, so that
 * keyboards and screen readers begin at the start of the page.
 * @returns stops looking
 */
export function settle(main: HTMLElement, { scrollY, isBack }: { scrollY: number; isBack: boolean }): () => void {
  const movedPage = lastPath !== location.pathname
  lastPath = location.pathname
  if (!movedPage && !isBack) return () => undefined
  window.scrollTo(0, scrollY)
  const focusBefore = document.activeElement
  let focused = !movedPage
  const until = performance.now() + SETTLE_MS
  let frame = 0
  const look = () => {
    if (!focused) focused = hasMoved(main, focusBefore) || focusHeading(main)
    const there = Math.abs(window.scrollY - scrollY) < 2
    if ((!there || !focused) && performance.now() < until) frame = requestAnimationFrame(look)
    if (!there && canScrollTo(scrollY)) window.scrollTo(0, scrollY)
  }
  const stop = () => cancelAnimationFrame(frame)
  // Whoever scrolls by hand meanwhile wants to be elsewhere.
  addEventListener('wheel', stop, { once: true, passive: true })
  addEventListener('touchstart', stop, { once: true, passive: true })
  look()
  return () => {
    stop()
    removeEventListener('wheel', stop)
    removeEventListener('touchstart', stop)
  }
}

function canScrollTo(y: number): boolean {
  return document.documentElement.scrollHeight - window.innerHeight >= y
}

/** A page that has put the focus somewhere itself keeps it there, and so does whoever was quicker with the Tab key. */
function hasMoved(main: HTMLElement, focusBefore: Element | null): boolean {
  const now = document.activeElement
  if (main.contains(now) && now !== main) return true
  return now !== focusBefore && now !== document.body
}

function focusHeading(main: HTMLElement): boolean {
  const heading = main.querySelector('h1')
  if (heading === null) return false
  heading.tabIndex = -1
  heading.focus({ preventScroll: true })
  return true
}
