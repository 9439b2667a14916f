import { signal } from '@preact/signals'
import type { Upload } from '../../../../src/schemas/uploads.ts'

/** Where a photo was opened from: its neighbours there are its neighbours in the viewer. */
export interface Trail {
  find(id: string): Upload | undefined
  neighbour(id: string, step: 1 | -1): Promise<Upload | undefined>
}

const trail = signal<Trail | undefined>(undefined)

export function setTrail(next: Trail | undefined): void {
  trail.value = next
}

/** For lists that are no grids: hits of a search, say. */
export function trailOfUploads(uploads: readonly Upload[]): Trail {
  const find = (id: string) => uploads.find((upload) => upload.id === id)
  return {
    find,
    neighbour: async (id, step) => {
      const index = uploads.findIndex((upload) => upload.id === id)
      return index < 0 ? undefined : uploads[index + step]
    },
  }
}

/** Undefined when the photo is none of it: it was opened by its address. */
export function trailOf(id: string): Trail | undefined {
  return trail.value?.find(id) === undefined ? undefined : trail.value
}

let seen: string | undefined

/** What the viewer showed last. */
export function noteSeen(id: string): void {
  seen = id
}

/** For the grid, when the viewer has closed. */
export function takeSeen(): string | undefined {
  const id = seen
  seen = undefined
  return id
}
