/** A filter of the query language, as the box completes it and the help explains it. */
export interface Operator {
  readonly name: string
  readonly means: string
  readonly example: string
  /** All that may follow the colon, where it can be counted. */
  readonly values?: readonly string[]
}

/** In the order in which people need them. */
export const OPERATORS: readonly Operator[] = [
  { name: 'type', means: 'photos or videos', example: 'type:video', values: ['photo', 'video'] },
  { name: 'after', means: 'taken from then on', example: 'after:2024-06' },
  { name: 'before', means: 'taken before then', example: 'before:2024' },
  { name: 'camera', means: 'part of the camera’s name', example: 'camera:"canon eos"' },
  {
    name: 'is',
    means: 'shape, or hidden',
    example: 'is:portrait',
    values: ['landscape', 'portrait', 'square', 'hidden'],
  },
  { name: 'has', means: 'text in the picture', example: 'has:text', values: ['text'] },
  { name: 'near', means: 'around a place, in kilometres', example: 'near:48.85,2.35,5' },
  { name: 'larger', means: 'files of at least this size', example: 'larger:10mb' },
  { name: 'smaller', means: 'files of at most this size', example: 'smaller:500kb' },
  { name: 'longer', means: 'videos of at least this length', example: 'longer:30s' },
  { name: 'shorter', means: 'videos of at most this length', example: 'shorter:2m' },
]
