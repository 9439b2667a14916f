import type { ProcessingStore } from '../db/processing.ts'
import type { BlobStore } from '../storage/blob-store.ts'
import { MEDIA_FOLDER, uploadFolder, userFolder } from '../storage/keys.ts'

/** Folders that are compared with the rows in one statement. */
const CHUNK = 500

export interface SweepDeps {
  blobs: BlobStore
  processing: ProcessingStore
}

/**
 * Removes files whose row is gone: a crash between the two leaves them. Only folders older than `startedAt` are looked
 * at; a newer one may belong to an upload whose row is about to be written. Returns how many were removed.
 */
export async function sweepOrphans(
  { blobs, processing }: SweepDeps,
  startedAt: Date,
  signal: AbortSignal,
): Promise<number> {
  let removed = 0
  for await (const userId of blobs.listFolders(MEDIA_FOLDER)) {
    let chunk: string[] = []
    for await (const id of blobs.listFolders(userFolder(userId))) {
      if (signal.aborted) return removed
      if (!isOlder(id, startedAt)) continue
      chunk.push(id)
      if (chunk.length < CHUNK) continue
      removed += await sweepChunk(userId, chunk)
      chunk = []
    }
    removed += await sweepChunk(userId, chunk)
  }
  return removed

  async function sweepChunk(userId: string, ids: readonly string[]): Promise<number> {
    if (ids.length === 0) return 0
    const existing = await processing.existing(ids)
    const orphans = ids.filter((id) => !existing.has(id))
    for (const id of orphans) await blobs.removeFolder(uploadFolder({ id, userId }))
    return orphans.length
  }
}

const UUID_V7 = /^([0-9a-f]{8})-([0-9a-f]{4})-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/

/** A UUIDv7 begins with its time in milliseconds (RFC 9562 section 5.7). What is none is not ours to remove. */
function isOlder(id: string, than: Date): boolean {
  const match = UUID_V7.exec(id)
  return match !== null && Number.parseInt(`${match[1]}${match[2]}`, 16) < than.getTime()
}
