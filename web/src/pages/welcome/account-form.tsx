import { useEffect, useRef, useState } from 'preact/hooks'
import { ApiError } from '../../api/client.ts'
import { forgetClientConfig } from '../../api/server.ts'
import { register, signIn } from '../../api/session.ts'
import { Button, IconButton } from '../../parts/button.tsx'
import { ErrorNote } from '../../parts/error-note.tsx'
import { Field } from '../../parts/field.tsx'

interface AccountFormProps {
  registers: boolean
  /** Somebody was quicker, and the server takes no more accounts. */
  onTaken: () => void
}

/** What the server asks of a new password; it says so itself when a password is too common. */
const PASSWORD_LEAST = 10

export function AccountForm({ registers, onTaken }: AccountFormProps) {
  const [error, setError] = useState<unknown>()
  const [busy, setBusy] = useState(false)
  const [visible, setVisible] = useState(false)
  const first = useRef<HTMLInputElement>(null)
  useEffect(() => first.current?.focus(), [])

  const submit = async (event: SubmitEvent & { currentTarget: HTMLFormElement }) => {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    const [username, password] = [String(form.get('username')).trim(), String(form.get('password'))]
    setBusy(true)
    setError(undefined)
    try {
      await (registers ? register(username, password) : signIn(username, password))
      forgetClientConfig()
    } catch (thrown) {
      setError(thrown)
      setBusy(false)
      if (thrown instanceof ApiError && thrown.code === 'REGISTRATION_CLOSED') onTaken()
    }
  }
  return (
    <form class="welcome-form" onSubmit={submit}>
      <Field
        ref={first}
        label="Username"
        name="username"
        autocomplete="username"
        autocapitalize="none"
        spellcheck={false}
        required
        minLength={2}
        maxLength={64}
        {...(registers ? { hint: 'Letters, digits, and between them dots, dashes and underscores.' } : {})}
      />
      <div class="welcome-password">
        <Field
          label="Password"
          name="password"
          type={visible ? 'text' : 'password'}
          autocomplete={registers ? 'new-password' : 'current-password'}
          required
          minLength={registers ? PASSWORD_LEAST : 1}
          maxLength={200}
          {...(registers ? { hint: `At least ${PASSWORD_LEAST} characters. A few words in a row do well.` } : {})}
        />
        <IconButton
          icon={visible ? 'hide' : 'show'}
          label={visible ? 'Hide the password' : 'Show the password'}
          onClick={() => setVisible(!visible)}
        />
      </div>
      {error !== undefined && <ErrorNote error={error} />}
      <Button kind="primary" type="submit" busy={busy}>
        {registers ? 'Create account' : 'Sign in'}
      </Button>
    </form>
  )
}
