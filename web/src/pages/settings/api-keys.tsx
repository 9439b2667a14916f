import { useState } from 'preact/hooks'
import type { ApiKey, CreatedApiKey, Scope } from '../../../../src/schemas/accounts.ts'
import { send, sentence } from '../../api/client.ts'
import { toast } from '../../app/toasts.tsx'
import { Button } from '../../parts/button.tsx'
import { Chip } from '../../parts/chip.tsx'
import { Dialog } from '../../parts/dialog.tsx'
import { Field } from '../../parts/field.tsx'
import { formatMoment } from '../../parts/format.ts'
import { CopyField } from './copy-field.tsx'
import { Loaded, Section } from './section.tsx'
import { useResource } from './use-resource.ts'

const SCOPES: readonly { scope: Scope; label: string; means: string }[] = [
  { scope: 'read', label: 'Read', means: 'look, download and search' },
  { scope: 'write', label: 'Write', means: 'hand over, change and delete' },
]

/** Keys for programs: made, shown once, and made worthless. */
export function ApiKeysSection() {
  const keys = useResource<{ items: ApiKey[] }>('/v1/api-keys')
  const [made, setMade] = useState<CreatedApiKey | undefined>(undefined)
  const [revoked, setRevoked] = useState<ApiKey | undefined>(undefined)
  const items = keys.value?.items ?? []
  return (
    <Section
      title="API keys"
      intro="For programs, such as a script that hands over the pictures of a camera. A key does not expire; revoke it when you do not need it any more."
    >
      <NewKeyForm
        onMade={(key) => {
          setMade(key)
          keys.set({ items: [key, ...items] })
        }}
      />
      <Loaded resource={keys}>
        {() =>
          items.length === 0 ? (
            <p class="muted">There is no key yet.</p>
          ) : (
            <ul class="rows">
              {items.map((key) => (
                <KeyRow key={key.id} apiKey={key} revoke={() => setRevoked(key)} />
              ))}
            </ul>
          )
        }
      </Loaded>
      {made && (
        <Dialog
          open
          onClose={() => setMade(undefined)}
          title={`The key “${made.name}”`}
          actions={
            <Button kind="primary" onClick={() => setMade(undefined)}>
              Done
            </Button>
          }
        >
          <p class="settings-intro">Copy it now: it is shown this once, and nobody can tell it to you later.</p>
          <CopyField label="API key" value={made.key} />
        </Dialog>
      )}
      {revoked && (
        <RevokeDialog
          apiKey={revoked}
          onClose={() => setRevoked(undefined)}
          onRevoked={() => keys.set({ items: items.filter(({ id }) => id !== revoked.id) })}
        />
      )}
    </Section>
  )
}

function KeyRow({ apiKey: { name, prefix, scopes, created_at, last_used_at }, revoke }: RowProps) {
  return (
    <li class="row">
      <div class="row-main">
        <strong>{name}</strong>
        <span class="muted small">
          <code>{prefix}…</code> · made {formatMoment(created_at)} ·{' '}
          {last_used_at === null ? 'never used' : `last used ${formatMoment(last_used_at)}`}
        </span>
      </div>
      <div class="row-tools">
        {scopes.map((scope) => (
          <Chip key={scope}>{scope}</Chip>
        ))}
        <Button kind="danger" onClick={revoke}>
          Revoke
        </Button>
      </div>
    </li>
  )
}

interface RowProps {
  apiKey: ApiKey
  revoke: () => void
}

function NewKeyForm({ onMade }: { onMade: (key: CreatedApiKey) => void }) {
  const [name, setName] = useState('')
  const [scopes, setScopes] = useState<readonly Scope[]>(['read'])
  const [error, setError] = useState<string | undefined>(undefined)
  const [isBusy, setBusy] = useState(false)

  const make = async () => {
    setBusy(true)
    setError(undefined)
    try {
      onMade(await send<CreatedApiKey>('POST', '/v1/api-keys', { name: name.trim(), scopes }))
      setName('')
    } catch (thrown) {
      setError(sentence(thrown))
    }
    setBusy(false)
  }

  return (
    <form
      class="settings-form"
      onSubmit={(event) => {
        event.preventDefault()
        void make()
      }}
    >
      <Field
        label="Name of the new key"
        placeholder="Camera on the shelf"
        required
        maxLength={100}
        autocomplete="off"
        error={error}
        value={name}
        onInput={({ currentTarget }) => setName(currentTarget.value)}
      />
      <fieldset class="choices">
        <legend class="small">It may</legend>
        {SCOPES.map(({ scope, label, means }) => (
          <label key={scope} class="choice">
            <input
              type="checkbox"
              checked={scopes.includes(scope)}
              onChange={({ currentTarget }) =>
                setScopes([...scopes.filter((other) => other !== scope), ...(currentTarget.checked ? [scope] : [])])
              }
            />
            <span>
              {label} <span class="muted">({means})</span>
            </span>
          </label>
        ))}
      </fieldset>
      <Button
        kind="primary"
        type="submit"
        icon="plus"
        busy={isBusy}
        disabled={scopes.length === 0 || name.trim() === ''}
      >
        Make a key
      </Button>
    </form>
  )
}

interface RevokeProps {
  apiKey: ApiKey
  onClose: () => void
  onRevoked: () => void
}

function RevokeDialog({ apiKey, onClose, onRevoked }: RevokeProps) {
  const revoke = async () => {
    onClose()
    try {
      await send('DELETE', `/v1/api-keys/${apiKey.id}`)
      onRevoked()
      toast(`“${apiKey.name}” is worthless now.`)
    } catch (thrown) {
      toast(sentence(thrown), { kind: 'error' })
    }
  }
  return (
    <Dialog
      open
      onClose={onClose}
      title="Revoke this key?"
      actions={
        <>
          <Button onClick={onClose}>Keep it</Button>
          <Button kind="danger" onClick={() => void revoke()}>
            Revoke
          </Button>
        </>
      }
    >
      Programs that use “{apiKey.name}” are refused from this moment. It cannot be taken back.
    </Dialog>
  )
}
