import { effect, signal } from '@preact/signals'
import { user } from '../../api/session.ts'

/** What the server did not understand of a query, and where. */
export interface Complaint {
  readonly query: string
  /** How many characters stand before the mistake. */
  readonly position: number
  readonly sentence: string
}

/** Told by the page of the search, shown by the box. */
export const complaint = signal<Complaint | undefined>(undefined)

/** A picture whose likes are looked for. It never leaves this page but to be compared, and a reload forgets it. */
export interface Example {
  readonly file: File
  /** A `blob:` address of it, to show. */
  readonly url: string
}

export const example = signal<Example | undefined>(undefined)

/** Puts a picture in the place of the one before, whose memory is given back. */
export function setExample(file: File | undefined): void {
  const before = example.peek()
  example.value = file && { file, url: URL.createObjectURL(file) }
  if (before) URL.revokeObjectURL(before.url)
}

// The next one who signs in on this device has no business with it.
effect(() => {
  if (user.value === undefined) setExample(undefined)
})
