import type { User } from '../../../src/schemas/accounts.ts'
import { sentence } from '../api/client.ts'
import { signOut } from '../api/session.ts'
import { Menu } from '../parts/menu.tsx'
import { isSending } from '../upload/queue.ts'
import { navigate } from './router.tsx'
import { toast } from './toasts.tsx'

export function AccountMenu({ user }: { user: User }) {
  const items = [
    { label: 'Settings', icon: 'settings', run: () => navigate('/settings') },
    { label: 'Sign out', icon: 'sign-out', run: leave },
  ] as const
  return (
    <Menu
      label={`Account of ${user.username}`}
      class="account-button"
      button={<span class="account-initial">{user.username.slice(0, 1).toUpperCase()}</span>}
      items={items}
      head={
        <>
          <p class="account-name">{user.username}</p>
          <p class="muted small">{user.role === 'administrator' ? 'Administrator' : 'Member'}</p>
        </>
      }
    />
  )
}

function leave(): void {
  if (isSending() && !confirm('Files are still being sent. Sign out all the same?')) return
  signOut()
    .then(() => navigate('/', { replace: true }))
    .catch((thrown: unknown) => toast(sentence(thrown), { kind: 'error' }))
}
