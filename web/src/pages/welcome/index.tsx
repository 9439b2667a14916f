import { useEffect, useState } from 'preact/hooks'
import { clientConfig } from '../../api/server.ts'
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
        {config && <Door config={config} />}
      </div>
      <p class="muted small welcome-foot">
        Your photos stay on this server. Nothing on this page comes from anywhere else.
      </p>
    </main>
  )
}

/** A server without accounts is waiting for its first; on any other one signs in. */
function Door({ config: { has_accounts: hasAccounts, registration_open: registrationOpen } }: { config: Config }) {
  const [registers, setRegisters] = useState(!hasAccounts)
  return (
    <>
      <h1>{registers ? 'Create your account' : 'Sign in'}</h1>
      {registers && (
        <p class="muted">
          Choose a name and a password.
          {!hasAccounts && ' This is the first account of this server, so it is the administrator’s.'}
        </p>
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
