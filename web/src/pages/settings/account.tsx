import { useState } from 'preact/hooks'
import type { Session } from '../../../../src/schemas/accounts.ts'
import { ApiError, send, sentence } from '../../api/client.ts'
import { adoptSession, signOut, user } from '../../api/session.ts'
import { toast } from '../../app/toasts.tsx'
import { Button } from '../../parts/button.tsx'
import { Field } from '../../parts/field.tsx'
import { formatDay } from '../../parts/format.ts'
import { Facts, Section } from './section.tsx'
import { SessionsSection } from './sessions.tsx'

/** The server's own bounds; it says no in its words all the same. */
const PASSWORD_MIN = 10
const PASSWORD_MAX = 200

/** Who one is, the password, and where one is signed in. */
export function AccountSection() {
  const me = user.value
  const [changes, setChanges] = useState(0)
  if (me === undefined) return null
  return (
    <>
      <Section title="Account">
        <Facts
          facts={[
            ['Name', me.username],
            ['Role', me.role === 'administrator' ? 'Administrator' : 'Member'],
            ['Since', formatDay(me.created_at)],
          ]}
        />
        <Button icon="sign-out" onClick={() => void leave()}>
          Sign out
        </Button>
      </Section>
      <Section
        title="Password"
        intro="A new password signs you out everywhere but here: on all other devices one has to sign in again. API keys stay."
      >
        <PasswordForm username={me.username} onChanged={() => setChanges(changes + 1)} />
      </Section>
      {/* A new password ends all others: they are read again. */}
      <SessionsSection key={changes} />
    </>
  )
}

async function leave(): Promise<void> {
  try {
    await signOut()
  } catch {
    // The page has forgotten the session; the server ends it when its time is over.
  }
}

function PasswordForm({ username, onChanged }: { username: string; onChanged: () => void }) {
  const [current, setCurrent] = useState('')
  const [next, setNext] = useState('')
  const [error, setError] = useState<unknown>(undefined)
  const [isBusy, setBusy] = useState(false)

  const change = async () => {
    setBusy(true)
    setError(undefined)
    try {
      const passwords = { current_password: current, new_password: next, keep_session: true }
      adoptSession(await send<Session>('POST', '/v1/auth/password', passwords))
      setCurrent('')
      setNext('')
      onChanged()
      toast('Your password is changed. All other devices are signed out.')
    } catch (thrown) {
      setError(thrown)
    }
    setBusy(false)
  }

  const isWrong = error instanceof ApiError && error.code === 'CREDENTIALS_WRONG'
  const said = error === undefined ? undefined : sentence(error)
  return (
    <form
      class="settings-form"
      onSubmit={(event) => {
        event.preventDefault()
        void change()
      }}
    >
      <input type="text" name="username" autocomplete="username" value={username} readOnly hidden />
      <Field
        label="Current password"
        type="password"
        name="current-password"
        autocomplete="current-password"
        required
        error={isWrong ? said : undefined}
        value={current}
        onInput={({ currentTarget }) => setCurrent(currentTarget.value)}
      />
      <Field
        label="New password"
        type="password"
        name="new-password"
        autocomplete="new-password"
        required
        minLength={PASSWORD_MIN}
        maxLength={PASSWORD_MAX}
        hint={`At least ${PASSWORD_MIN} characters. Several words are good.`}
        error={isWrong ? undefined : said}
        value={next}
        onInput={({ currentTarget }) => setNext(currentTarget.value)}
      />
      <Button kind="primary" type="submit" busy={isBusy}>
        Change the password
      </Button>
    </form>
  )
}
