import type { PartialInputHTMLAttributes, Ref } from 'preact'
import { useId } from 'preact/hooks'
import './field.css'

/** The types of preact tell apart which role goes with which type, and want to see each by itself. */
const TYPES = {
  text: { type: 'text' },
  password: { type: 'password' },
  search: { type: 'search' },
  number: { type: 'number' },
  date: { type: 'date' },
  'datetime-local': { type: 'datetime-local' },
} as const

type FieldProps = Omit<PartialInputHTMLAttributes<HTMLInputElement>, 'type' | 'role' | 'ref'> & {
  type?: keyof typeof TYPES
  label: string
  /** Beneath the field, before anything is wrong. */
  hint?: string
  /** In its place when something is. */
  error?: string | undefined
  ref?: Ref<HTMLInputElement>
}

/** A line to write in, with its label above. */
export function Field({ label, hint, error, ref, type = 'text', ...input }: FieldProps) {
  const id = useId()
  const below = error ?? hint
  const described = below === undefined ? {} : { 'aria-describedby': `${id}-below` }
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <input
        {...input}
        {...TYPES[type]}
        id={id}
        ref={ref ?? null}
        class="input"
        aria-invalid={error !== undefined}
        {...described}
      />
      {below !== undefined && (
        <p id={`${id}-below`} class={error === undefined ? 'field-below' : 'field-below field-error'}>
          {below}
        </p>
      )}
    </div>
  )
}
