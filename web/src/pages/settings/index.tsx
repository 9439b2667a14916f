import { useEffect, useRef } from 'preact/hooks'
import { user } from '../../api/session.ts'
import { Link, query } from '../../app/router.tsx'
import { useTitle } from '../../app/title.ts'
import { Icon } from '../../parts/icons.tsx'
import { SECTIONS } from './sections.ts'
import './settings.css'

/** `/settings`: one part at a time, named in the address (`?part=storage`). */
export default function SettingsPage() {
  const isAdministrator = user.value?.role === 'administrator'
  const sections = SECTIONS.filter(({ forAdministrator }) => isAdministrator || !forAdministrator)
  const shown = sections.find(({ name }) => name === query.value.get('part')) ?? sections[0]
  useTitle(shown ? `${shown.label} · Settings` : 'Settings')
  const nav = useRef<HTMLElement>(null)
  useEffect(() => {
    // On a narrow screen the links are one row that is pushed aside.
    nav.current?.querySelector('[aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'center' })
  }, [shown])
  return (
    <div class="page">
      <header class="page-head">
        <h1>Settings</h1>
      </header>
      <div class="settings">
        <nav ref={nav} class="settings-nav" aria-label="Settings">
          {sections.map(({ name, label, icon }) => (
            <Link
              key={name}
              href={`/settings?part=${name}`}
              class="settings-link"
              {...(name === shown?.name ? { 'aria-current': 'page' as const } : {})}
            >
              <Icon name={icon} size={18} />
              {label}
            </Link>
          ))}
        </nav>
        <div class="settings-content">{shown && <shown.Content key={shown.name} />}</div>
      </div>
    </div>
  )
}
