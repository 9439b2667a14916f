import { useEffect, useState } from 'preact/hooks'
import { unreachable } from '../api/problem.ts'
import { EmptyState } from '../parts/empty-state.tsx'
import { ErrorNote } from '../parts/error-note.tsx'
import { Spinner } from '../parts/spinner.tsx'
import { loadedPage, loadPage, pageTitle } from './pages.ts'
import { Link } from './router.tsx'
import { useTitle } from './title.ts'

/** A spinner that is there for a blink only disturbs. */
const PATIENCE_MS = 250

/** Loads a page and shows it. */
export function PageFrame({ name }: { name: string | undefined }) {
  return name === undefined ? <NotFound /> : <LoadedPage key={name} name={name} />
}

function LoadedPage({ name }: { name: string }) {
  const [Page, setPage] = useState(() => loadedPage(name))
  const [failed, setFailed] = useState(false)
  const [slow, setSlow] = useState(false)
  const [tries, setTries] = useState(0)
  useTitle(pageTitle(name))
  useEffect(() => {
    if (Page !== undefined) return
    setFailed(false)
    const timer = setTimeout(() => setSlow(true), PATIENCE_MS)
    loadPage(name)
      .then((page) => setPage(() => page))
      .catch(() => setFailed(true))
      .finally(() => clearTimeout(timer))
    return () => clearTimeout(timer)
  }, [tries])

  if (Page !== undefined) return <Page />
  if (failed) {
    return (
      <div class="page">
        <ErrorNote error={unreachable()} retry={() => setTries(tries + 1)} />
      </div>
    )
  }
  return slow ? (
    <div class="page page-loading">
      <Spinner label="Loading" />
    </div>
  ) : null
}

function NotFound() {
  useTitle('Not found')
  return (
    <div class="page">
      <EmptyState icon="search" title="There is nothing here" actions={<Link href="/">All photos</Link>}>
        The address may be old, or mistyped.
      </EmptyState>
    </div>
  )
}
