import type { UploadFilter } from '../../../../src/schemas/filters.ts'
import type { SearchResult } from '../../../../src/schemas/search.ts'
import { get, send } from '../../api/client.ts'

/** What is looked for. */
export type Looking =
  | { readonly by: 'words'; readonly query: string; readonly filter: UploadFilter }
  | { readonly by: 'picture'; readonly picture: File; readonly filter: UploadFilter }
  | { readonly by: 'likeness'; readonly uploadId: string; readonly filter: UploadFilter }

/** A screen or two of cards. */
const PAGE_HITS = 40

/** One page of what is found; `cursor` is that of the page before. */
export function findPage(looking: Looking, cursor: string | undefined, signal: AbortSignal): Promise<SearchResult> {
  const { filter } = looking
  const page = { ...filter, limit: PAGE_HITS, ...(cursor === undefined ? {} : { cursor }) }
  if (looking.by === 'words') {
    return send('POST', '/v1/search', { query: looking.query, ...page }, { signal })
  }
  if (looking.by === 'likeness') return get(`/v1/search/similar/${looking.uploadId}`, { query: page, signal })
  const form = new FormData()
  form.append('file', looking.picture)
  return send('POST', '/v1/search/image', form, { query: page, signal })
}
