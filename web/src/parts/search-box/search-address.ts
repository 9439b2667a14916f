import type { UploadFilter } from '../../../../src/schemas/filters.ts'

/** What a search looks for, as the address of its page says it. */
export interface SearchAddress {
  readonly query: string
  /** What no query can say, such as the batch; from saved searches, mostly. */
  readonly filter: UploadFilter
  /** An upload whose likes are looked for. */
  readonly similarTo?: string
  /** By a picture that only this page holds. */
  readonly byPicture: boolean
}

/** How each filter is read out of an address. */
const FILTERS = {
  file_type: 'text',
  processing_status: 'text',
  taken_after: 'text',
  taken_before: 'text',
  uploaded_after: 'text',
  uploaded_before: 'text',
  batch_id: 'text',
  near: 'text',
  box: 'text',
  camera: 'text',
  duration_min: 'number',
  duration_max: 'number',
  size_min: 'number',
  size_max: 'number',
  orientation: 'text',
  has_text: 'boolean',
  show_hidden: 'boolean',
} as const satisfies Record<keyof UploadFilter, 'text' | 'number' | 'boolean'>

const readers = { text: (value: string) => value, number: Number, boolean: (value: string) => value === 'true' }

/** The page of a search. */
export function searchAddress(query: string, filter: UploadFilter = {}): string {
  const params = new URLSearchParams({ q: query })
  for (const [name, value] of Object.entries(filter)) params.set(name, String(value))
  return `/search?${params}`
}

/** What the address says. Values that make no sense are the server's to refuse, in its words. */
export function readSearchAddress(params: URLSearchParams): SearchAddress {
  const filter: Record<string, unknown> = {}
  for (const [name, kind] of Object.entries(FILTERS)) {
    const value = params.get(name)
    if (value !== null) filter[name] = readers[kind](value)
  }
  const similarTo = params.get('similar')
  return {
    query: params.get('q') ?? '',
    filter: filter as UploadFilter,
    ...(similarTo === null ? {} : { similarTo }),
    byPicture: params.has('picture'),
  }
}
