import './spinner.css'

/** Something is on its way. With a `label` screen readers are told of what. */
export function Spinner({ size = 20, label }: { size?: number; label?: string }) {
  const named = label === undefined ? { 'aria-hidden': true } : ({ role: 'status', 'aria-label': label } as const)
  return (
    <span class="spinner" {...named}>
      <svg width={size} height={size} viewBox="0 0 24 24" fill="none" aria-hidden="true">
        <circle cx="12" cy="12" r="9" stroke="currentColor" stroke-opacity="0.25" stroke-width="2.5" />
        <path d="M12 3a9 9 0 0 1 9 9" stroke="currentColor" stroke-width="2.5" stroke-linecap="round" />
      </svg>
    </span>
  )
}
