import type { BatchDetail } from '../../../src/schemas/batches.ts'
import type { Upload } from '../../../src/schemas/uploads.ts'
import { get, send } from './client.ts'

export function readUpload(id: string, signal?: AbortSignal): Promise<Upload> {
  return get(`/v1/uploads/${id}`, { signal })
}

/** What was handed over last, and what has failed last; the newest first. */
export async function readLatest(limit: number, signal: AbortSignal): Promise<Upload[]> {
  const list = (status?: string) =>
    get<{ items: Upload[] }>('/v1/uploads', { query: { limit, processing_status: status, show_hidden: true }, signal })
  const [latest, failed] = await Promise.all([list(), list('failed')])
  const ids = new Set(latest.items.map(({ id }) => id))
  return [...failed.items.filter(({ id }) => !ids.has(id)), ...latest.items]
}

/** Develops uploads again from the start, as a batch. */
export function developAgain(ids: readonly string[]): Promise<BatchDetail> {
  return send('POST', '/v1/batches', { upload_ids: ids })
}
