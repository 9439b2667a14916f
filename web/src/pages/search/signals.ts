import type { SearchHit, Signal } from '../../../../src/schemas/search.ts'
import type { IconName } from '../../parts/icons.tsx'

/** A signal in the words of people. */
export interface SignalWords {
  readonly label: string
  readonly icon: IconName
  readonly explain: (value: number) => string
}

/** In the order in which they are trusted. */
const SIGNALS: readonly (readonly [Signal, SignalWords])[] = [
  [
    'exact',
    { label: 'Exact', icon: 'check', explain: () => 'It holds these very words, one after another, or is named so.' },
  ],
  [
    'text',
    {
      label: 'Words',
      icon: 'text',
      explain: (rank) => `Its words are among those looked for (rank of the words: ${rank.toFixed(2)}).`,
    },
  ],
  [
    'description',
    {
      label: 'Meaning',
      icon: 'sparkle',
      explain: (cosine) => `Its description means something like it (cosine ${cosine.toFixed(2)}; 1 is the same).`,
    },
  ],
  [
    'picture',
    {
      label: 'Picture',
      icon: 'image',
      explain: (cosine) => `The picture itself looks like it (cosine ${cosine.toFixed(2)}; 1 is the same).`,
    },
  ],
]

/** The signals that found a hit, each with its value. */
export function signalsOf({ signals }: SearchHit): (SignalWords & { name: Signal; value: number })[] {
  return SIGNALS.flatMap(([name, words]) => {
    const value = signals[name]
    return value === undefined ? [] : [{ ...words, name, value }]
  })
}
