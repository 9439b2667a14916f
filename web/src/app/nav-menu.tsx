import { Icon } from '../parts/icons.tsx'
import { Menu } from '../parts/menu.tsx'
import { NAV } from './nav.ts'
import { navigate } from './router.tsx'

/** The pages, where the header has no room for them. */
export function NavMenu() {
  const items = NAV.map(({ href, label, icon }) => ({ label, icon, run: () => navigate(href) }))
  return (
    <div class="nav-menu">
      <Menu label="Pages" button={<Icon name="menu" />} items={items} />
    </div>
  )
}
