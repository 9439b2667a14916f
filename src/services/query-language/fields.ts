import type { UploadConditions } from '../../db/upload-filter.ts'
import { readDate, readDuration, readPlace, readSize } from './values.ts'

export interface Field {
  /** What may follow the colon, for the sentence of an error. */
  readonly expects: string
  /** Undefined when the value cannot be read. */
  read(value: string): UploadConditions | undefined
  /** The same with a minus before it, for fields that can be turned around. */
  readNegated?(value: string): UploadConditions | undefined
}

/** The conditions of a value that could be read. */
function read<T>(value: T | undefined, toConditions: (value: T) => UploadConditions): UploadConditions | undefined {
  return value === undefined ? undefined : toConditions(value)
}

const TYPES: Readonly<Record<string, UploadConditions>> = {
  image: { fileType: 'image' },
  photo: { fileType: 'image' },
  video: { fileType: 'video' },
}
const OTHER_TYPES: Readonly<Record<string, UploadConditions>> = {
  image: { fileType: 'video' },
  photo: { fileType: 'video' },
  video: { fileType: 'image' },
}
const TRAITS: Readonly<Record<string, UploadConditions>> = {
  hidden: { onlyHidden: true },
  landscape: { orientation: 'landscape' },
  portrait: { orientation: 'portrait' },
  square: { orientation: 'square' },
}

const own = (table: Readonly<Record<string, UploadConditions>>, value: string) =>
  Object.hasOwn(table, value.toLowerCase()) ? table[value.toLowerCase()] : undefined

/** Every field of the query language. `docs/api.md` shows the same table. */
export const FIELDS: ReadonlyMap<string, Field> = new Map<string, Field>([
  [
    'type',
    {
      expects: 'image or video',
      read: (value) => own(TYPES, value),
      readNegated: (value) => own(OTHER_TYPES, value),
    },
  ],
  [
    'before',
    {
      expects: 'a day, a month or a year, such as 2024-06-05, 2024-06 or 2024',
      read: (value) => read(readDate(value), (takenBefore) => ({ takenBefore })),
    },
  ],
  [
    'after',
    {
      expects: 'a day, a month or a year, such as 2024-06-05, 2024-06 or 2024',
      read: (value) => read(readDate(value), (takenAfter) => ({ takenAfter })),
    },
  ],
  ['camera', { expects: 'a part of the name of a camera', read: (value) => (value ? { camera: value } : undefined) }],
  [
    'has',
    {
      expects: 'text',
      read: (value) => (value.toLowerCase() === 'text' ? { hasText: true } : undefined),
      readNegated: (value) => (value.toLowerCase() === 'text' ? { hasText: false } : undefined),
    },
  ],
  ['is', { expects: 'hidden, landscape, portrait or square', read: (value) => own(TRAITS, value) }],
  [
    'near',
    {
      expects: 'latitude,longitude or latitude,longitude,kilometres, such as 48.85,2.35,5',
      read: (value) => read(readPlace(value), (near) => ({ near })),
    },
  ],
  [
    'larger',
    {
      expects: 'a size, such as 10mb or 500kb',
      read: (value) => read(readSize(value), (bytes) => ({ sizeMinBytes: bytes })),
    },
  ],
  [
    'smaller',
    {
      expects: 'a size, such as 10mb or 500kb',
      read: (value) => read(readSize(value), (bytes) => ({ sizeMaxBytes: bytes })),
    },
  ],
  [
    'longer',
    {
      expects: 'a time, such as 30s or 2m',
      read: (value) => read(readDuration(value), (seconds) => ({ durationMinSeconds: seconds })),
    },
  ],
  [
    'shorter',
    {
      expects: 'a time, such as 30s or 2m',
      read: (value) => read(readDuration(value), (seconds) => ({ durationMaxSeconds: seconds })),
    },
  ],
])
