import { developingCount, developingRate } from '../../live/store.ts'
import { capital, formatBytes, formatCount, formatTimeLeft, plural } from '../../parts/format.ts'
import { Icon } from '../../parts/icons.tsx'
import { ProgressBar } from '../../parts/progress-bar.tsx'
import { foldersBeingRead } from '../../upload/incoming.ts'
import { totals } from '../../upload/queue.ts'

/** The whole of it: what is still to be sent, what is still to be developed, and for how long. */
export function Summary() {
  const { waiting } = totals.value
  if (waiting === 0 && developingCount.value === 0) return <AllDone />
  return (
    <div class="summary">
      {waiting > 0 && <Sending />}
      {developingCount.value > 0 && <Developing />}
    </div>
  )
}

function Sending() {
  const { files, waiting, bytes, sentBytes, secondsLeft, paused } = totals.value
  const percent = bytes === 0 ? 0 : (100 * sentBytes) / bytes
  const reading = foldersBeingRead.value > 0 ? ', and more are being found' : ''
  return (
    <section class="summary-line" aria-label="Sending">
      <p class="summary-title">
        {paused ? 'Waiting to send:' : 'Sending:'} <span class="numbers">{formatCount(files - waiting)}</span> of{' '}
        {plural(files, 'file')} done{reading}
      </p>
      <p class="muted small numbers">
        {formatBytes(sentBytes)} of {formatBytes(bytes)}
        {secondsLeft !== undefined && `, ${formatTimeLeft(secondsLeft)} left`}
      </p>
      <ProgressBar percent={percent} label="Sent" />
      {paused && (
        <p class="summary-paused small" role="status">
          <Icon name="clock" size={16} /> {paused}
        </p>
      )}
    </section>
  )
}

function Developing() {
  const count = developingCount.value
  const rate = developingRate.value
  return (
    <section class="summary-line" aria-label="Developing">
      <p class="summary-title">
        <span class="pill-light" aria-hidden="true" />
        <span class="numbers">{formatCount(count)}</span> developing or waiting for it
      </p>
      <p class="muted small numbers">
        {rate === undefined
          ? 'You can close this page: the server goes on by itself.'
          : `${capital(formatTimeLeft(count / rate))} left. You can close this page: the server goes on by itself.`}
      </p>
    </section>
  )
}

function AllDone() {
  const { kept, duplicates, refused } = totals.value
  const facts = [
    kept > 0 ? `${plural(kept, 'file')} added` : '',
    duplicates > 0 ? `${formatCount(duplicates)} there already` : '',
    refused > 0 ? `${formatCount(refused)} refused` : '',
  ].filter((fact) => fact !== '')
  return (
    <div class="summary">
      <p class="summary-done">
        <Icon name="select" />
        {facts.length > 0 ? `${facts.join(', ')}. Everything is developed.` : 'Everything is developed.'}
      </p>
    </div>
  )
}
