import { type Signal, signal } from '@preact/signals'

/** How far a file is on its way to the server. What comes after is told by `progressOf(uploadId)`. */
export type HandOver =
  | { readonly step: 'waiting' }
  /** `share` of its bytes are sent, 0 to 1. */
  | { readonly step: 'sending'; readonly share: number }
  | { readonly step: 'kept'; readonly uploadId: string }
  /** The same bytes were there before. */
  | { readonly step: 'duplicate'; readonly uploadId: string }
  /** `sentence` is the server's. */
  | { readonly step: 'refused'; readonly sentence: string; readonly code: string }
  | { readonly step: 'cancelled' }

export interface HandOverItem {
  /** Of this page only. */
  readonly key: number
  readonly name: string
  readonly sizeBytes: number
  readonly state: Signal<HandOver>
}

/** What the queue itself knows of an item. */
export interface QueuedItem extends HandOverItem {
  /** A handle, not the bytes; given up when the server has them. */
  file: File | undefined
  /** Sent by itself, so that its picture is there at once: a hand-over of a few files. */
  readonly isSingle: boolean
  /** How often it was sent before. What the server has from then is no duplicate to the person who hands it over. */
  attempts: number
}

let count = 0

export function createItem(file: File, isSingle: boolean): QueuedItem {
  count += 1
  return {
    key: count,
    name: file.name,
    sizeBytes: file.size,
    state: signal<HandOver>({ step: 'waiting' }),
    file,
    isSingle,
    attempts: 0,
  }
}

/** Whether nothing more will be sent of it. */
export function isSettled({ step }: HandOver): boolean {
  return step !== 'waiting' && step !== 'sending'
}
