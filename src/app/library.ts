import type { Config } from '../config.ts'
import { createAlbumStore } from '../db/albums.ts'
import { createArchiveStore } from '../db/archives.ts'
import type { Sql } from '../db/client.ts'
import { createDuplicateStore } from '../db/duplicates.ts'
import { createLibraryStore } from '../db/library.ts'
import { createSavedSearchStore } from '../db/saved-searches.ts'
import { createTrashStore } from '../db/trash.ts'
import type { UploadStore } from '../db/uploads.ts'
import { createUsageStore } from '../db/usage.ts'
import { createAlbumService } from '../services/albums.ts'
import { ARCHIVE_LIMITS, createArchiveService } from '../services/archives.ts'
import { createDuplicateService } from '../services/duplicates.ts'
import { createLibraryService } from '../services/library.ts'
import { createQuotaService } from '../services/quotas.ts'
import { createTrashService } from '../services/trash.ts'
import type { UploadBell } from '../services/uploads.ts'
import type { BlobStore } from '../storage/blob-store.ts'

export interface LibraryParts {
  sql: Sql
  config: Pick<Config, 'trashDays' | 'quota'>
  uploads: UploadStore
  blobs: BlobStore
  bell: UploadBell
}

/** What tends the uploads that are there: wired apart, since these parts need little but each other. */
export function wireLibrary({ sql, config, uploads, blobs, bell }: LibraryParts) {
  const trashStore = createTrashStore(sql)
  const trash = createTrashService({ trash: trashStore, blobs, bell, trashDays: config.trashDays })
  const quotas = createQuotaService({ usage: createUsageStore(sql), defaults: config.quota })
  const store = createLibraryStore(sql)
  const library = createLibraryService({ library: store })
  const searches = createSavedSearchStore(sql)
  const albums = createAlbumService({ albums: createAlbumStore(sql), library: store, lists: library, searches })
  const archives = createArchiveService({
    archives: createArchiveStore(sql, ARCHIVE_LIMITS),
    uploads,
    blobs,
    readAlbum: albums.read,
  })
  const duplicates = createDuplicateService({ duplicates: createDuplicateStore(sql), uploads, trash })
  return { trashStore, services: { library, albums, archives, duplicates, trash, quotas } }
}
