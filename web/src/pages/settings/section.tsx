import type { ComponentChildren } from 'preact'
import { ErrorNote } from '../../parts/error-note.tsx'
import { Spinner } from '../../parts/spinner.tsx'
import type { Resource } from './use-resource.ts'

interface SectionProps {
  title: string
  /** One or two sentences under the title. */
  intro?: ComponentChildren
  children?: ComponentChildren
}

/** A part of the settings with its title. */
export function Section({ title, intro, children }: SectionProps) {
  return (
    <section class="settings-section">
      <h2>{title}</h2>
      {intro && <p class="muted settings-intro">{intro}</p>}
      {children}
    </section>
  )
}

interface LoadedProps<T> {
  resource: Resource<T>
  children: (value: T) => ComponentChildren
}

/** What was read, or that it is being read, or why it could not be. */
export function Loaded<T>({ resource: { value, error, reload }, children }: LoadedProps<T>) {
  if (value !== undefined) return <>{children(value)}</>
  if (error !== undefined) return <ErrorNote error={error} retry={reload} />
  return <Waiting />
}

export function Waiting() {
  return (
    <div class="settings-wait">
      <Spinner label="Loading" />
    </div>
  )
}

/** Names and values, one under the other. */
export function Facts({ facts }: { facts: readonly (readonly [string, ComponentChildren])[] }) {
  return (
    <dl class="facts">
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  )
}

interface BarProps {
  /** 0 to 1. */
  share: number
  label: string
  kind?: 'plain' | 'full'
}

/** How much of a whole. */
export function Bar({ share, label, kind = 'plain' }: BarProps) {
  const percent = Math.round(Math.min(1, Math.max(0, share)) * 100)
  return (
    <div
      class={`bar bar-${kind}`}
      role="progressbar"
      aria-label={label}
      aria-valuenow={percent}
      aria-valuemin={0}
      aria-valuemax={100}
    >
      <span ref={(part) => part?.style.setProperty('width', `${percent}%`)} />
    </div>
  )
}
