import { useState } from 'preact/hooks'
import type { OpenSession } from '../../../../src/schemas/accounts.ts'
import { send, sentence } from '../../api/client.ts'
import { toast } from '../../app/toasts.tsx'
import { Button } from '../../parts/button.tsx'
import { Chip } from '../../parts/chip.tsx'
import { formatMoment } from '../../parts/format.ts'
import { deviceName } from './device-name.ts'
import { Loaded, Section } from './section.tsx'
import { useResource } from './use-resource.ts'

const PATH = '/v1/auth/sessions'

/** Where one is signed in, and signing out there. */
export function SessionsSection() {
  const sessions = useResource<{ items: OpenSession[] }>(PATH)
  const [isBusy, setBusy] = useState(false)
  const items = sessions.value?.items ?? []

  const end = async (path: string, said: string) => {
    setBusy(true)
    try {
      await send('DELETE', path)
      toast(said)
    } catch (thrown) {
      toast(sentence(thrown), { kind: 'error' })
    }
    // Also after a refusal: it may be over already.
    sessions.reload()
    setBusy(false)
  }

  return (
    <Section
      title="Where you are signed in"
      intro="Sign out whatever is not yours, and change your password then. API keys are listed for themselves."
    >
      <Loaded resource={sessions}>
        {() => (
          <ul class="rows" aria-label="Sessions">
            {items.map((session) => (
              <SessionRow
                key={session.id}
                session={session}
                isBusy={isBusy}
                end={() => void end(`${PATH}/${session.id}`, 'Signed out there.')}
              />
            ))}
          </ul>
        )}
      </Loaded>
      {items.length > 1 && (
        <Button busy={isBusy} onClick={() => void end(PATH, 'Signed out everywhere else.')}>
          Sign out everywhere else
        </Button>
      )}
    </Section>
  )
}

interface RowProps {
  session: OpenSession
  isBusy: boolean
  end: () => void
}

function SessionRow({ session: { user_agent, address, created_at, last_used_at, current }, isBusy, end }: RowProps) {
  const name = deviceName(user_agent)
  return (
    <li class="row">
      <div class="row-main">
        <strong title={user_agent ?? undefined}>{name}</strong>
        <span class="muted small">
          {address !== null && <>{address} · </>}last used {formatMoment(last_used_at)} · since{' '}
          {formatMoment(created_at)}
        </span>
      </div>
      <div class="row-tools">
        {current ? (
          <Chip>this one</Chip>
        ) : (
          <Button disabled={isBusy} aria-label={`Sign out ${name}`} onClick={end}>
            Sign out
          </Button>
        )}
      </div>
    </li>
  )
}
