import { batch, computed, type ReadonlySignal, signal } from '@preact/signals'
import type { AnchorHTMLAttributes } from 'preact'

/**
 * Where the reader is. Two places, because a photo can lie open over the page it was opened from:
 *
 * - `path` and `query` are those of the page. They do not change while a photo lies over it, so the page keeps what it
 *   shows and where it is scrolled to.
 * - `photo` is what the viewer shows: of `/photo/:id`, wherever it lies.
 *
 * A page opens a photo over itself with `navigate(`/photo/${id}`, { over: true })`. The viewer goes to a neighbour with
 * `navigate(`/photo/${next}`, { replace: true })` and closes with `closePhoto()`.
 */

interface Place {
  readonly path: string
  readonly query: URLSearchParams
}

/** What an entry of the history remembers. */
interface Entry {
  /** Path and query of the page that a photo lies over. */
  readonly over?: string
  /** What the page passed as `state`. */
  readonly state?: unknown
  /** Where the page was scrolled to when it was left. */
  readonly scrollY?: number
}

interface Photo {
  readonly id: string
  readonly query: URLSearchParams
  /** Whether there is a page beneath it. */
  readonly isOver: boolean
}

const entryNow = (): Entry => (typeof history.state === 'object' && history.state !== null ? history.state : {})

const address = signal(location.pathname + location.search)
const entry = signal<Entry>(entryNow())
/** Counts the moves through the history, forwards and back; the shell looks after focus and scrolling at each. */
export const moves = signal({ count: 0, scrollY: 0, isBack: false })

const beneath = computed(() => entry.value.over ?? address.value)
const page = computed(() => placeOf(beneath.value))

/** The path of the page, without a trailing slash: `/search`. */
export const path: ReadonlySignal<string> = computed(() => page.value.path)

/** The query of the page. */
export const query: ReadonlySignal<URLSearchParams> = computed(() => page.value.query)

/** What was passed as `state` on the way to this place. */
export const state: ReadonlySignal<unknown> = computed(() => entry.value.state)

/** The photo that is open, over a page or alone. */
export const photo: ReadonlySignal<Photo | undefined> = computed(() => {
  const place = placeOf(address.value)
  const id = /^\/photo\/([^/]+)$/.exec(place.path)?.[1]
  return id === undefined ? undefined : { id, query: place.query, isOver: entry.value.over !== undefined }
})

export interface NavigateOptions {
  /** Takes the place of this entry in the history. */
  replace?: boolean
  /** Kept with the entry of the history; the page reads it as `state`. */
  state?: unknown
  /** A photo opens over the page that is shown. */
  over?: boolean
}

/** Goes to a path of this page, with or without a query. */
export function navigate(to: string, options: NavigateOptions = {}): void {
  const { replace = false, over = entry.value.over !== undefined && to.startsWith('/photo/') } = options
  const next: Entry = {
    ...(over ? { over: beneath.value } : {}),
    ...(options.state === undefined ? {} : { state: options.state }),
  }
  const stays = over || placeOf(to).path === path.value
  if (replace) history.replaceState(next, '', to)
  else {
    rememberScroll()
    history.pushState(next, '', to)
  }
  arrive(next, stays ? window.scrollY : 0, false)
}

/** Closes the photo: back to the page beneath it, or to all photos. */
export function closePhoto(): void {
  if (photo.value?.isOver) history.back()
  else navigate('/')
}

export type LinkProps = AnchorHTMLAttributes<HTMLAnchorElement> & {
  href: string
  /** For a photo that opens over the page. */
  over?: boolean
}

/** An `<a>` within this page. A click that asks for a new tab or a download is left to the browser. */
export function Link({ href, onClick, over = false, ...rest }: LinkProps) {
  return (
    <a
      {...rest}
      href={href}
      onClick={(event) => {
        if (typeof onClick === 'function') onClick.call(event.currentTarget, event)
        if (event.defaultPrevented || !isPlainClick(event)) return
        event.preventDefault()
        navigate(href, over ? { over } : {})
      }}
    />
  )
}

/** Watches the history. Called once, when the page starts. */
export function startRouter(): void {
  // Pages grow while they load; the browser would scroll before they have their height.
  history.scrollRestoration = 'manual'
  addEventListener('popstate', () => {
    const next = entryNow()
    arrive(next, next.scrollY ?? 0, true)
  })
  let pending: ReturnType<typeof setTimeout> | undefined
  // Browsers refuse more than a hundred changes of the history in half a minute.
  addEventListener('scroll', () => {
    clearTimeout(pending)
    pending = setTimeout(rememberScroll, 400)
  })
}

function arrive(next: Entry, scrollY: number, isBack: boolean): void {
  batch(() => {
    address.value = location.pathname + location.search
    entry.value = next
    moves.value = { count: moves.value.count + 1, scrollY, isBack }
  })
}

function rememberScroll(): void {
  if (photo.value !== undefined) return
  history.replaceState({ ...entryNow(), scrollY: window.scrollY }, '')
}

function placeOf(to: string): Place {
  const url = new URL(to, location.origin)
  return { path: url.pathname.replace(/\/+$/, '') || '/', query: url.searchParams }
}

function isPlainClick(event: MouseEvent & { currentTarget: HTMLAnchorElement }): boolean {
  const { target } = event.currentTarget
  const modified = event.metaKey || event.ctrlKey || event.shiftKey || event.altKey
  return event.button === 0 && !modified && (target === '' || target === '_self') && !event.currentTarget.download
}
