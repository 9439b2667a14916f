import { useState } from 'preact/hooks'
import type { ManagedUser, UserPatch } from '../../../../src/schemas/users.ts'
import { send, sentence } from '../../api/client.ts'
import { user } from '../../api/session.ts'
import { toast } from '../../app/toasts.tsx'
import { Button } from '../../parts/button.tsx'
import { Chip } from '../../parts/chip.tsx'
import { formatBytes, formatCount, formatDay, plural } from '../../parts/format.ts'
import { EndOfPages } from './end-of-pages.tsx'
import { QuotaDialog } from './quota-dialog.tsx'
import { Bar, Section } from './section.tsx'
import { usePages } from './use-pages.ts'

/** All accounts of this server: how much each keeps and may keep, and whether it may do anything. */
export function PeopleSection() {
  const people = usePages<ManagedUser>('/v1/users')
  const [limited, setLimited] = useState<ManagedUser | undefined>(undefined)
  const change = async (id: string, patch: UserPatch) => {
    const changed = await send<ManagedUser>('PATCH', `/v1/users/${id}`, patch)
    people.change((now) => now.map((other) => (other.id === id ? changed : other)))
  }
  return (
    <Section title="People" intro="A disabled account can do nothing from that moment on. What it handed over is kept.">
      <ul class="rows">
        {people.items?.map((person) => (
          <PersonRow key={person.id} person={person} limit={() => setLimited(person)} change={change} />
        ))}
      </ul>
      <EndOfPages pages={people} label="Show more" />
      {limited && <QuotaDialog person={limited} onClose={() => setLimited(undefined)} change={change} />}
    </Section>
  )
}

interface RowProps {
  person: ManagedUser
  limit: () => void
  change: (id: string, patch: UserPatch) => Promise<void>
}

function PersonRow({ person, limit, change }: RowProps) {
  const { id, username, role, created_at, disabled, uploads, original_bytes, quota_bytes, quota_files } = person
  const isMe = id === user.value?.id
  const toggle = async () => {
    try {
      await change(id, { disabled: !disabled })
      toast(disabled ? `${username} can sign in again.` : `${username} can do nothing any more.`)
    } catch (thrown) {
      toast(sentence(thrown), { kind: 'error' })
    }
  }
  const used = `${plural(uploads, 'file')}${quota_files === null ? '' : ` of at most ${formatCount(quota_files)}`}`
  const room = `${formatBytes(original_bytes)}${quota_bytes === null ? '' : ` of ${formatBytes(quota_bytes)}`}`
  return (
    <li class="row">
      <div class="row-main">
        <span class="row-title">
          <strong>{username}</strong>
          {isMe && <Chip>You</Chip>}
          {role === 'administrator' && <Chip kind="accent">Administrator</Chip>}
          {disabled && <Chip kind="danger">Disabled</Chip>}
        </span>
        <span class="muted small numbers">
          {used} · {room} · since {formatDay(created_at)}
        </span>
        {quota_bytes !== null && (
          <Bar
            share={quota_bytes === 0 ? 1 : original_bytes / quota_bytes}
            label={`Room of ${username}`}
            kind={original_bytes >= quota_bytes ? 'full' : 'plain'}
          />
        )}
      </div>
      <div class="row-tools">
        <Button onClick={limit}>Limits</Button>
        {!isMe && (
          <Button kind={disabled ? 'plain' : 'danger'} onClick={() => void toggle()}>
            {disabled ? 'Enable' : 'Disable'}
          </Button>
        )}
      </div>
    </li>
  )
}
