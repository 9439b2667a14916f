import { useEffect, useState } from 'preact/hooks'
import { clientConfig } from '../../api/server.ts'
import { wasHereBefore } from '../../api/session-mark.ts'
import { useTitle } from '../../app/title.ts'
import { Wordmark } from '../../app/wordmark.tsx'
import { ErrorNote } from '../../parts/error-note.tsx'
import { Spinner } from '../../parts/spinner.tsx'
import { AccountForm } from './account-form.tsx'
import './welcome.css'

type Config = Awaited<ReturnType<typeof clientConfig>>

/** The door: making an account where the server takes new ones, and signing in. */
export default function WelcomePage() {
  const [config, setConfig] = useState<Config>()
  const [error, setError] = useState<unknown>()
  const load = () => {
    setError(undefined)
    clientConfig().then(setConfig).catch(setError)
  }
  useEffect(load, [])
  useTitle('Welcome')
  return (
    <main class="welcome">
      <div class="welcome-card">
        <p class="wordmark welcome-wordmark">
          <Wordmark />
        </p>
        {error !== undefined && <ErrorNote error={error} retry={load} />}
        {config === undefined && error === undefined && <Spinner label="Loading" />}
        {config && <Door registrationOpen={config.registration_open} />}
      </div>
      <p class="muted small welcome-foot">
        Your photos stay on this server. Nothing on this page comes from anywhere else.
      </p>
    </main>
  )
}

/** The server does not say whether it has accounts, only whether it takes a new one. */
function Door({ registrationOpen }: { registrationOpen: boolean }) {
  const [registers, setRegisters] = useState(registrationOpen && !wasHereBefore())
  return (
    <>
      <h1>{registers ? 'Create your account' : 'Sign in'}</h1>
      {registers && (
        <p class="muted">Choose a name and a password. The first account of a server is its administrator.</p>
      )}
      <AccountForm key={String(registers)} registers={registers} onTaken={() => setRegisters(false)} />
      {registrationOpen && (
        <p class="welcome-switch">
          {registers ? 'You have an account already?' : 'You have none yet?'}{' '}
          <button type="button" class="link-button" onClick={() => setRegisters(!registers)}>
            {registers ? 'Sign in' : 'Create an account'}
          </button>
        </p>
      )}
    </>
  )
}
