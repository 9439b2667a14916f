import type { Album, AlbumMembers, AlbumPatch, AlbumRule } from '../../../../src/schemas/albums.ts'
import type { UploadFilter } from '../../../../src/schemas/filters.ts'
import type { Timeline } from '../../../../src/schemas/library.ts'
import type { SearchHit, SearchResult } from '../../../../src/schemas/search.ts'
import type { TrashList } from '../../../../src/schemas/trash.ts'
import type {
  BulkResult,
  StageRun,
  Upload,
  UploadMetadata,
  UploadPatch,
  UploadSort,
} from '../../../../src/schemas/uploads.ts'
import { get, send } from '../../api/client.ts'

/** What the pages about uploads, albums and the trash ask of the server. */

export interface Page<T> {
  readonly items: readonly T[]
  readonly next_cursor: string | null
}

export interface ListQuery extends UploadFilter {
  sort?: UploadSort
  limit?: number
  cursor?: string
}

/** As long as the name of an album may be. */
export const ALBUM_NAME_MAX = 200

const PAGE = 200
/** As many as the bulk routes take at once. */
const BULK = 100

const uploadPath = (id: string) => `/v1/uploads/${encodeURIComponent(id)}`
const albumPath = (id: string) => `/v1/albums/${encodeURIComponent(id)}`

export const listUploads = (query: ListQuery, signal?: AbortSignal) =>
  get<Page<Upload>>('/v1/uploads', { query: { limit: PAGE, ...query }, ...(signal ? { signal } : {}) })

export const readTimeline = (query: UploadFilter & { by?: 'taken' | 'created' }) =>
  get<Timeline>('/v1/uploads/timeline', { query: { ...query } })

export const readUpload = (id: string) => get<Upload>(uploadPath(id))
export const patchUpload = (id: string, patch: UploadPatch) => send<Upload>('PATCH', uploadPath(id), patch)
export const readMetadata = (id: string) => get<UploadMetadata>(`${uploadPath(id)}/metadata`)
export const readStages = async (id: string) => (await get<{ items: StageRun[] }>(`${uploadPath(id)}/stages`)).items
export const regenerate = (id: string) => send<Upload>('POST', `${uploadPath(id)}/regenerate-description`)

export const readSimilar = async (id: string, limit: number): Promise<readonly SearchHit[]> =>
  (await get<SearchResult>(`/v1/search/similar/${encodeURIComponent(id)}`, { query: { limit } })).hits

export const moveToTrash = (ids: readonly string[]) =>
  inChunks(ids, (upload_ids) => send<BulkResult>('POST', '/v1/uploads/bulk/delete', { upload_ids }))
export const deleteForGood = (ids: readonly string[]) =>
  inChunks(ids, (upload_ids) => send<BulkResult>('POST', '/v1/uploads/bulk/delete', { upload_ids, permanent: true }))
export const restore = (ids: readonly string[]) =>
  inChunks(ids, (upload_ids) => send<BulkResult>('POST', '/v1/uploads/bulk/restore', { upload_ids }))
export const setHidden = (ids: readonly string[], hidden: boolean) =>
  inChunks(ids, (upload_ids) => send<BulkResult>('POST', '/v1/uploads/bulk/hide', { upload_ids, hidden }))
/** From the very beginning, as for one that failed early. */
export const developAgain = (ids: readonly string[]) =>
  inChunks(ids, (upload_ids) => send<unknown>('POST', '/v1/batches', { upload_ids }))

export const listTrash = (cursor?: string) =>
  get<TrashList>('/v1/trash', { query: { limit: PAGE, ...(cursor === undefined ? {} : { cursor }) } })
export const emptyTrash = () => send<{ removed: number }>('DELETE', '/v1/trash')

export const listAlbums = (cursor?: string) =>
  get<Page<Album>>('/v1/albums', { query: { limit: PAGE, ...(cursor === undefined ? {} : { cursor }) } })
export const readAlbum = (id: string) => get<Album>(albumPath(id))
/** With a rule, it holds what that finds. */
export const makeAlbum = (name: string, rule?: AlbumRule) => send<Album>('POST', '/v1/albums', { name, rule })
export const patchAlbum = (id: string, patch: AlbumPatch) => send<Album>('PATCH', albumPath(id), patch)
export const deleteAlbum = (id: string) => send<void>('DELETE', albumPath(id))
export const listAlbumUploads = (id: string, cursor?: string) =>
  get<AlbumMembers>(`${albumPath(id)}/uploads`, { query: { limit: PAGE, ...(cursor === undefined ? {} : { cursor }) } })
export const addToAlbum = (id: string, ids: readonly string[]) =>
  inChunks(ids, (upload_ids) => send<BulkResult>('POST', `${albumPath(id)}/add`, { upload_ids }))
export const takeFromAlbum = (id: string, ids: readonly string[]) =>
  inChunks(ids, (upload_ids) => send<BulkResult>('POST', `${albumPath(id)}/remove`, { upload_ids }))

/** One request after another, in order: what goes into an album keeps its order. */
async function inChunks(ids: readonly string[], act: (chunk: readonly string[]) => Promise<unknown>): Promise<void> {
  for (let start = 0; start < ids.length; start += BULK) await act(ids.slice(start, start + BULK))
}
