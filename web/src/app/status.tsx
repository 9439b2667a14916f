import { connection, developingCount } from '../live/store.ts'
import { formatCount } from '../parts/format.ts'
import { totals } from '../upload/queue.ts'
import { Link, path } from './router.tsx'

/** How many files are on their way; leads to them. */
export function DevelopingPill() {
  const { waiting } = totals.value
  const developing = developingCount.value
  if (waiting + developing === 0) return null
  const text = waiting > 0 ? `${formatCount(waiting)} to send` : `${formatCount(developing)} developing`
  return (
    <Link
      href="/uploads"
      class={path.value === '/uploads' ? 'pill pill-here' : 'pill'}
      title="See what is being sent and developed"
    >
      <span class="pill-light" aria-hidden="true" />
      <span class="numbers">{text}</span>
    </Link>
  )
}

/** Only trouble is told; a connection that holds needs no words. */
export function ConnectionNote() {
  if (connection.value !== 'offline') return null
  return (
    <p class="connection-note" role="status">
      The server cannot be reached. What was sent is safe; this page goes on as soon as it is back.
    </p>
  )
}
