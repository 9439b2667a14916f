import { text } from 'node:stream/consumers'
import type { Logger } from 'pino'
import type { ProcessingStore } from '../db/processing.ts'
import type { BlobStore } from '../storage/blob-store.ts'
import { INSTALLATION_KEY, MEDIA_FOLDER, uploadFolder, userFolder } from '../storage/keys.ts'

/** Folders that are compared with the rows in one statement. */
const CHUNK = 500

/** How long files without a row are kept aside: time to notice that a backup of the database was older than its files. */
const ASIDE_DAYS = 30
const DAY_MS = 86_400_000

export interface SweepDeps {
  blobs: BlobStore
  processing: ProcessingStore
  log: Logger
}

/**
 * Ties the folder of the originals to the database at the first start, and tells whether they belong together. A start
 * with another database (a setting forgotten, a backup restored) must not take every file for one without a row.
 */
export async function ownsFiles({ blobs, processing, log }: SweepDeps): Promise<boolean> {
  const installation = await processing.installationId()
  if (await blobs.stat(INSTALLATION_KEY)) {
    const owner = await text(await blobs.open(INSTALLATION_KEY))
    if (owner === installation) return true
    log.error({ owner, installation }, 'the files belong to another database: nothing is swept')
    return false
  }
  for await (const folder of blobs.listFolders(MEDIA_FOLDER)) {
    log.error({ folder }, 'there are files from before this database: nothing is swept')
    return false
  }
  await blobs.put(INSTALLATION_KEY, Buffer.from(installation))
  return true
}

/**
 * Sets files aside whose row is gone: a crash between the two leaves them. Only folders older than `startedAt` are
 * looked at; a newer one may belong to an upload whose row is about to be written. Returns how many were set aside.
 */
export async function sweepOrphans(deps: SweepDeps, startedAt: Date, signal: AbortSignal): Promise<number> {
  const { blobs } = deps
  await blobs.removeSetAside(new Date(startedAt.getTime() - ASIDE_DAYS * DAY_MS))
  let count = 0
  for await (const userId of blobs.listFolders(MEDIA_FOLDER)) {
    if (!UUID.test(userId)) continue
    let chunk: string[] = []
    for await (const id of blobs.listFolders(userFolder(userId))) {
      if (signal.aborted) return count
      if (!isOlder(id, startedAt)) continue
      chunk.push(id)
      if (chunk.length < CHUNK) continue
      count += await sweepChunk(deps, userId, chunk)
      chunk = []
    }
    count += await sweepChunk(deps, userId, chunk)
  }
  return count
}

async function sweepChunk({ blobs, processing }: SweepDeps, userId: string, ids: readonly string[]): Promise<number> {
  if (ids.length === 0) return 0
  const existing = await processing.existing(ids)
  const orphans = ids.filter((id) => !existing.has(id))
  for (const id of orphans) await blobs.setAside(uploadFolder({ id, userId }))
  return orphans.length
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/
const UUID_V7 = /^([0-9a-f]{8})-([0-9a-f]{4})-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/

/** A UUIDv7 begins with its time in milliseconds (RFC 9562 section 5.7). What is none is not ours to move. */
function isOlder(id: string, than: Date): boolean {
  const match = UUID_V7.exec(id)
  return match !== null && Number.parseInt(`${match[1]}${match[2]}`, 16) < than.getTime()
}
