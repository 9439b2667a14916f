import { effect, signal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { sentence } from '../api/problem.ts'
import { resume, user } from '../api/session.ts'
import { mayHaveSession } from '../api/session-mark.ts'
import { startSocket, stopSocket } from '../live/socket.ts'
import { apply, forgetEverything } from '../live/store.ts'
import { Spinner } from '../parts/spinner.tsx'
import { setOwner } from '../upload/queue.ts'
import { Announcer } from './announcer.tsx'
import { PageFrame } from './page-frame.tsx'
import { loadPage, pageName } from './pages.ts'
import { navigate, path, photo } from './router.tsx'
import { Shell } from './shell.tsx'
import { Toasts } from './toasts.tsx'

/** Until it is known whether somebody is signed in, there is nothing to show. */
const phase = signal<'starting' | 'ready' | 'unreachable'>('starting')
const trouble = signal('')

const TRY_AGAIN_MS = 2000

/** The page: what is shown depends on whether somebody is signed in. */
export function App() {
  useEffect(() => {
    if (mayHaveSession()) loadAhead()
    start()
    return effect(followSession)
  }, [])
  return (
    <>
      <Content />
      <Toasts />
      <Announcer />
    </>
  )
}

function Content() {
  if (phase.value === 'starting') return null
  if (phase.value === 'unreachable') {
    return (
      <main class="app-waiting">
        <Spinner />
        <p role="status">{trouble} Trying again …</p>
      </main>
    )
  }
  if (user.value === undefined) return <PageFrame name="welcome" />
  return <Shell key={user.value.id} />
}

/** The page comes while the session does. Should it not come, its frame asks again, and tells. */
function loadAhead(): void {
  const name = photo.value ? 'photo' : pageName(path.value)
  if (name !== undefined) loadPage(name).catch(() => undefined)
}

function start(): void {
  resume()
    .then(() => {
      phase.value = 'ready'
    })
    .catch((thrown: unknown) => {
      trouble.value = sentence(thrown)
      phase.value = 'unreachable'
      setTimeout(start, TRY_AGAIN_MS)
    })
}

let followed: string | undefined

/** Signed in: connected, and not on the welcome page. Signed out: nothing of what was known is left. */
function followSession(): void {
  const id = user.value?.id
  if (phase.value !== 'ready') return
  if (id !== followed) {
    followed = id
    stopSocket()
    forgetEverything()
    setOwner(id)
    if (id !== undefined) startSocket(apply)
  }
  if (id !== undefined && path.value === '/welcome') navigate('/', { replace: true })
}
