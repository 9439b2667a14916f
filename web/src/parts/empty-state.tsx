import type { ComponentChildren } from 'preact'
import './empty-state.css'
import { Icon, type IconName } from './icons.tsx'

interface EmptyStateProps {
  icon?: IconName
  title: string
  /** What would fill it. */
  children?: ComponentChildren
  /** Buttons. */
  actions?: ComponentChildren
}

/** There is nothing here yet, and this is how that changes. */
export function EmptyState({ icon, title, children, actions }: EmptyStateProps) {
  return (
    <div class="empty-state">
      {icon && (
        <span class="empty-state-icon">
          <Icon name={icon} size={28} />
        </span>
      )}
      <h2>{title}</h2>
      {children && <div class="empty-state-text">{children}</div>}
      {actions && <div class="empty-state-actions">{actions}</div>}
    </div>
  )
}
