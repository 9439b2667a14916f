import type { ButtonHTMLAttributes, ComponentChildren, Ref } from 'preact'
import './button.css'
import { Icon, type IconName } from './icons.tsx'
import { Spinner } from './spinner.tsx'

interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  /** `primary`: the one thing to do here. `plain`: with a frame. `quiet`: without. `danger`: cannot be taken back. */
  kind?: 'primary' | 'plain' | 'quiet' | 'danger'
  icon?: IconName
  /** It works on it: it shows so, and cannot be pressed again. */
  busy?: boolean
  children?: ComponentChildren
  ref?: Ref<HTMLButtonElement>
}

export function Button({ kind = 'plain', icon, busy = false, children, class: extra, ...rest }: ButtonProps) {
  return (
    <button type="button" {...rest} class={classes('button', `button-${kind}`, extra)} {...(busy ? BUSY : {})}>
      {busy ? <Spinner size={16} /> : icon && <Icon name={icon} size={18} />}
      <span class="button-label">{children}</span>
    </button>
  )
}

const BUSY = { disabled: true, 'aria-busy': true } as const

interface IconButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  icon: IconName
  /** What it does, for those who cannot see the icon, and as a tip for those who wonder. */
  label: string
  /** For buttons that stay down; sets `aria-pressed`. */
  pressed?: boolean
  ref?: Ref<HTMLButtonElement>
}

export function IconButton({ icon, label, pressed, class: extra, ...rest }: IconButtonProps) {
  const state = pressed === undefined ? {} : { 'aria-pressed': pressed }
  return (
    <button type="button" aria-label={label} title={label} {...state} {...rest} class={classes('icon-button', extra)}>
      <Icon name={icon} />
    </button>
  )
}

function classes(...names: unknown[]): string {
  return names.filter((name) => typeof name === 'string' && name !== '').join(' ')
}
