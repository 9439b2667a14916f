import './progress-bar.css'

interface ProgressBarProps {
  /** 0 to 100. Undefined: it goes on, nobody knows how far. */
  percent: number | undefined
  label: string
  /** Where one step ends and the next begins, in percent. */
  marks?: readonly number[]
  kind?: 'accent' | 'good' | 'danger'
}

/** A thin bar. */
export function ProgressBar({ percent, label, marks = [], kind = 'accent' }: ProgressBarProps) {
  const value = percent === undefined ? {} : { 'aria-valuenow': Math.round(percent) }
  return (
    <div
      class={`progress-bar progress-${kind}`}
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      {...value}
    >
      <div
        class="progress-fill"
        data-unknown={percent === undefined ? '' : undefined}
        style={{ transform: `scaleX(${(percent ?? 100) / 100})` }}
      />
      {marks.map((mark) => (
        <span key={mark} class="progress-mark" style={{ left: `${mark}%` }} />
      ))}
    </div>
  )
}
