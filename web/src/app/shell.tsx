import { useEffect, useRef } from 'preact/hooks'
import { user } from '../api/session.ts'
import { SearchBox } from '../parts/search-box/index.tsx'
import { DropOverlay } from '../upload/drop-overlay.tsx'
import { listenForFiles } from '../upload/incoming.ts'
import { AccountMenu } from './account-menu.tsx'
import { announceProgress } from './announce-progress.ts'
import { HandOverButton } from './hand-over-button.tsx'
import { isWithin, NAV } from './nav.ts'
import { NavMenu } from './nav-menu.tsx'
import { PageFrame } from './page-frame.tsx'
import { pageName } from './pages.ts'
import { Link, moves, path, photo } from './router.tsx'
import { settle } from './settle.ts'
import { ConnectionNote, DevelopingPill } from './status.tsx'
import { Wordmark } from './wordmark.tsx'
import './shell.css'

/** Header, page, and the photo that may lie over it. */
export function Shell() {
  const main = useRef<HTMLElement>(null)
  useEffect(listenForFiles, [])
  useEffect(announceProgress, [])
  const { count } = moves.value
  const place = path.value
  useEffect(() => {
    // The page that is shown first has the focus of the browser already.
    if (count > 0 && photo.peek() === undefined && main.current !== null) return settle(main.current, moves.peek())
  }, [place, count])

  const open = photo.value
  return (
    <>
      {(open === undefined || open.isOver) && (
        <>
          <a class="skip-link" href="#main">
            Skip to the content
          </a>
          <Header />
          <ConnectionNote />
          <main id="main" ref={main} tabIndex={-1} inert={open !== undefined}>
            <PageFrame name={pageName(place)} />
          </main>
        </>
      )}
      {open !== undefined && <PageFrame name="photo" />}
      <DropOverlay />
    </>
  )
}

function Header() {
  return (
    <header class="header" inert={photo.value !== undefined}>
      <NavMenu />
      <Link href="/" class="wordmark" aria-label="Darkroom: all photos">
        <Wordmark />
      </Link>
      <nav class="nav" aria-label="Pages">
        {NAV.map((entry) => (
          <Link
            key={entry.href}
            href={entry.href}
            class="nav-link"
            {...(isWithin(entry, path.value) ? { 'aria-current': 'page' as const } : {})}
          >
            {entry.label}
          </Link>
        ))}
      </nav>
      <div class="header-search">
        <SearchBox />
      </div>
      <div class="header-tools">
        <DevelopingPill />
        <HandOverButton />
        {user.value && <AccountMenu user={user.value} />}
      </div>
    </header>
  )
}
