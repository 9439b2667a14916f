import { signal } from '@preact/signals'

const said = signal({ text: '', count: 0 })

/** Has a screen reader say something when it is done with what it says now. */
export function announce(text: string): void {
  said.value = { text, count: said.value.count + 1 }
}

/** Mounted once, in the shell. The same words twice in a row are said twice: a space tells them apart. */
export function Announcer() {
  const { text, count } = said.value
  return (
    <div class="visually-hidden" role="status" aria-live="polite">
      {count % 2 === 0 ? text : `${text}\u00a0`}
    </div>
  )
}
