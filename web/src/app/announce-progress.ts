import { developingCount, onUploadEnded } from '../live/store.ts'
import { plural } from '../parts/format.ts'
import { announce } from './announcer.tsx'

/** More often than this, nobody could listen to anything else. */
const EVERY_MS = 8000

/**
 * Has screen readers say how developing goes: summed up, and not for each of a thousand files.
 * @returns stops
 */
export function announceProgress(): () => void {
  let developed = 0
  let failed = 0
  let timer: ReturnType<typeof setTimeout> | undefined
  const say = () => {
    timer = undefined
    const left = developingCount.peek()
    const words = [
      developed > 0 ? `${plural(developed, 'file')} developed` : '',
      failed > 0 ? `${plural(failed, 'file')} failed` : '',
      left > 0 ? `${plural(left, 'file')} left` : 'nothing left',
    ]
    announce(words.filter((word) => word !== '').join(', '))
    developed = 0
    failed = 0
  }
  const stop = onUploadEnded(({ status }) => {
    if (status === 'failed') failed += 1
    else developed += 1
    timer ??= setTimeout(say, developingCount.peek() === 0 ? 0 : EVERY_MS)
  })
  return () => {
    stop()
    clearTimeout(timer)
  }
}
