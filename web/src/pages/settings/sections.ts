import type { ComponentType } from 'preact'
import type { IconName } from '../../parts/icons.tsx'
import { AccountSection } from './account.tsx'
import { ApiKeysSection } from './api-keys.tsx'
import { AuditSection } from './audit.tsx'
import { CopiesSection } from './copies.tsx'
import { ModelPacksSection } from './model-packs.tsx'
import { PeopleSection } from './people.tsx'
import { ServerSection } from './server.tsx'
import { StorageSection } from './storage.tsx'

export interface SettingsSection {
  /** In the address: `/settings?part=api-keys`. */
  readonly name: string
  readonly label: string
  readonly icon: IconName
  readonly Content: ComponentType
  readonly forAdministrator?: true
}

export const SECTIONS: readonly SettingsSection[] = [
  { name: 'account', label: 'Account', icon: 'user', Content: AccountSection },
  { name: 'api-keys', label: 'API keys', icon: 'key', Content: ApiKeysSection },
  { name: 'storage', label: 'Storage', icon: 'storage', Content: StorageSection },
  { name: 'copies', label: 'Likely copies', icon: 'copy', Content: CopiesSection },
  { name: 'models', label: 'Model packs', icon: 'models', Content: ModelPacksSection, forAdministrator: true },
  { name: 'people', label: 'People', icon: 'people', Content: PeopleSection, forAdministrator: true },
  { name: 'audit', label: 'Audit', icon: 'clock', Content: AuditSection, forAdministrator: true },
  { name: 'server', label: 'Server', icon: 'server', Content: ServerSection, forAdministrator: true },
]
