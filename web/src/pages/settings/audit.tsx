import { useState } from 'preact/hooks'
import type { AuditAction, AuditEvent } from '../../../../src/schemas/audit.ts'
import { EmptyState } from '../../parts/empty-state.tsx'
import { formatMoment } from '../../parts/format.ts'
import { EndOfPages } from './end-of-pages.tsx'
import { Section } from './section.tsx'
import { usePages } from './use-pages.ts'

const ACTIONS: Readonly<Record<AuditAction, string>> = {
  registered: 'Made an account',
  signed_in: 'Signed in',
  sign_in_failed: 'Could not sign in',
  signed_out: 'Signed out',
  session_ended: 'Signed out elsewhere',
  refresh_reused: 'A used refresh token came again',
  password_changed: 'Changed the password',
  password_change_failed: 'Could not change the password',
  api_key_made: 'Made an API key',
  api_key_removed: 'Revoked an API key',
  account_disabled: 'Account disabled',
  account_enabled: 'Account enabled',
  quota_changed: 'Limits changed',
}

/** What somebody should look at twice. */
const WARNINGS: readonly AuditAction[] = ['sign_in_failed', 'refresh_reused', 'password_change_failed']

/** What happened to the accounts of this server, the newest first. */
export function AuditSection() {
  const [action, setAction] = useState('')
  const events = usePages<AuditEvent>('/v1/audit', { action: action === '' ? undefined : action })
  const { items, isBusy } = events
  return (
    <Section title="Audit" intro="What happened to accounts, the newest first.">
      <label class="audit-filter">
        <span class="small">Show</span>
        <select class="input" value={action} onChange={({ currentTarget }) => setAction(currentTarget.value)}>
          <option value="">Everything</option>
          {Object.entries(ACTIONS).map(([name, label]) => (
            <option key={name} value={name}>
              {label}
            </option>
          ))}
        </select>
      </label>
      <ul class="rows">
        {items?.map((event) => (
          <AuditRow key={event.id} event={event} />
        ))}
      </ul>
      {items?.length === 0 && !isBusy && <EmptyState icon="clock" title="Nothing of this kind" />}
      <EndOfPages pages={events} label="Show older" />
    </Section>
  )
}

function AuditRow({ event: { action, username, address, created_at, details } }: { event: AuditEvent }) {
  const isWarning = WARNINGS.includes(action)
  const known = Object.entries(details).map(([name, value]) => `${name.replaceAll('_', ' ')}: ${write(value)}`)
  return (
    <li class="row audit-row">
      <div class="row-main">
        <span>
          <strong class={isWarning ? 'audit-warning' : undefined}>{ACTIONS[action]}</strong> {username}
        </span>
        {known.length > 0 && <span class="muted small">{known.join(' · ')}</span>}
      </div>
      <div class="row-side muted small numbers">
        <time dateTime={created_at}>{formatMoment(created_at)}</time>
        <span>{address}</span>
      </div>
    </li>
  )
}

const write = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value))
