import type { ComponentChildren } from 'preact'
import './chip.css'
import { Icon, type IconName } from './icons.tsx'

interface ChipProps {
  children: ComponentChildren
  icon?: IconName
  /** For a filter that is on or off; sets `aria-pressed`. */
  pressed?: boolean
  onClick?: () => void
  /** A cross takes it away. `removeLabel` says what: "Remove type: video". */
  onRemove?: () => void
  removeLabel?: string
  kind?: 'plain' | 'accent' | 'good' | 'danger'
}

/** A small fact or filter. With `onClick` it is a button, without a label. */
export function Chip({ children, icon, pressed, onClick, onRemove, removeLabel, kind = 'plain' }: ChipProps) {
  const content = (
    <>
      {icon && <Icon name={icon} size={15} />}
      <span class="chip-text">{children}</span>
    </>
  )
  return (
    <span class={`chip chip-${kind}`} data-on={pressed ? '' : undefined}>
      {onClick ? (
        <button
          type="button"
          class="chip-main"
          onClick={onClick}
          {...(pressed === undefined ? {} : { 'aria-pressed': pressed })}
        >
          {content}
        </button>
      ) : (
        <span class="chip-main">{content}</span>
      )}
      {onRemove && (
        <button type="button" class="chip-remove" aria-label={removeLabel ?? 'Remove'} onClick={onRemove}>
          <Icon name="close" size={13} />
        </button>
      )}
    </span>
  )
}
