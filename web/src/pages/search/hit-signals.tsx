import { useId, useState } from 'preact/hooks'
import type { SearchHit } from '../../../../src/schemas/search.ts'
import { Icon } from '../../parts/icons.tsx'
import { signalsOf } from './signals.ts'

/** How near a hit is, and what found it. A press tells it in sentences: a tip would be lost on touch. */
export function HitSignals({ hit }: { hit: SearchHit }) {
  const id = useId()
  const [isOpen, setOpen] = useState(false)
  const signals = signalsOf(hit)
  // A list by filters alone has no scores: nothing was compared.
  if (signals.length === 0) return null
  const score = hit.score.toFixed(2)
  return (
    <div class="hit-why">
      <button
        type="button"
        class="hit-why-button"
        aria-expanded={isOpen}
        aria-controls={id}
        title="Why was this found?"
        onClick={() => setOpen(!isOpen)}
      >
        <span class="visually-hidden">Score {score}, found by</span>
        <span class="hit-score" aria-hidden="true">
          <span class="hit-score-bar" ref={(bar) => bar?.style.setProperty('width', `${hit.score * 100}%`)} />
        </span>
        <span class="hit-score-number numbers" aria-hidden="true">
          {score}
        </span>
        <span class="hit-marks">
          {signals.map(({ name, label, icon }) => (
            <span class={`hit-mark hit-mark-${name}`} key={name}>
              <Icon name={icon} size={13} />
              {label}
            </span>
          ))}
        </span>
      </button>
      <ul id={id} class="hit-reasons" hidden={!isOpen}>
        {signals.map(({ name, label, value, explain }) => (
          <li key={name}>
            <strong>{label}.</strong> {explain(value)}
          </li>
        ))}
      </ul>
    </div>
  )
}
