import type { Bytes } from '../../helpers/samples.ts'

/** Where an upload may be. What was asked and not answered may have happened or not: then there are several. */
export type Place = 'kept' | 'trashed' | 'removed'

/** An upload that the server acknowledged, and everything that it may be by now. */
export interface Expected {
  readonly id: string
  readonly sha256: string
  readonly bytes: Bytes
  places: ReadonlySet<Place>
  /** What its owner wrote; undefined: whatever the model says. */
  descriptions: ReadonlySet<string | undefined>
  /** How often it was, or may have been, described again. */
  restarts: number
  /** How often its owner edited it: each edit may have it embedded once more. */
  edits: number
  /** Somebody touched it: it says nothing about the order of its batch, nor of events any more. */
  touched: boolean
  /** Its stages were looked at since it last changed. */
  proved: boolean
}

export interface ExpectedBatch {
  readonly id: string
  /** Uploads that are new in this batch, in order. */
  readonly uploadIds: readonly string[]
  readonly total: number
}

export type Expectations = ReturnType<typeof createExpectations>

/** What one user may rely on. An operation writes here what it was answered, and what it was not. */
export function createExpectations() {
  const uploads = new Map<string, Expected>()
  const batches: ExpectedBatch[] = []
  /** Handed over without an answer, by SHA-256. */
  const unanswered = new Map<string, Bytes>()

  return {
    uploads,
    batches,
    unanswered,

    /** It was acknowledged, or is there although the answer was lost. */
    keep(id: string, sha256: string, bytes: Bytes): Expected {
      const expected: Expected = {
        id,
        sha256,
        bytes,
        places: new Set<Place>(['kept']),
        descriptions: new Set([undefined]),
        restarts: 0,
        edits: 0,
        touched: false,
        proved: false,
      }
      uploads.set(id, expected)
      unanswered.delete(sha256)
      return expected
    },

    /** An operation moved it there; without an answer it may also be where it was. */
    move(expected: Expected, place: Place, answered: boolean): void {
      Object.assign(expected, { touched: true, proved: false })
      expected.places = new Set(answered ? [place] : [...expected.places, place])
    },

    describe(expected: Expected, text: string, answered: boolean): void {
      Object.assign(expected, { touched: true, proved: false, edits: expected.edits + 1 })
      expected.descriptions = new Set(answered ? [text] : [...expected.descriptions, text])
    },

    restart(expected: Expected): void {
      Object.assign(expected, { touched: true, proved: false, restarts: expected.restarts + 1 })
    },

    /** Those that are surely at a place. */
    surely: (place: Place): Expected[] =>
      [...uploads.values()].filter(({ places }) => places.size === 1 && places.has(place)),
  }
}
