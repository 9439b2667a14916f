import type { Batch, BatchDetail } from '../../../src/schemas/batches.ts'
import { get, send } from './client.ts'

export interface BatchPage {
  readonly items: Batch[]
  readonly next_cursor: string | null
}

/** The newest first. */
export function listBatches(cursor?: string, signal?: AbortSignal): Promise<BatchPage> {
  return get('/v1/batches', { query: { limit: 50, cursor }, signal })
}

/** The batch as it is now, and a page of its files, in order. */
export function readBatch(id: string, limit: number, cursor?: string, signal?: AbortSignal): Promise<BatchDetail> {
  return get(`/v1/batches/${id}`, { query: { limit, cursor }, signal })
}

/** Stops after the current file. */
export function cancelBatch(id: string): Promise<Batch> {
  return send('POST', `/v1/batches/${id}/cancel`)
}

/** Puts what failed or was cancelled back in line. */
export function retryBatch(id: string): Promise<Batch> {
  return send('POST', `/v1/batches/${id}/retry`)
}
