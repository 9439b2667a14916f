import multipart from '@fastify/multipart'
import websocket from '@fastify/websocket'
import type { Logger } from 'pino'
import type { ProgressBus } from '../progress.ts'
import type { Accounts } from '../services/accounts.ts'
import type { AlbumService } from '../services/albums.ts'
import type { ApiKeys } from '../services/api-keys.ts'
import type { ArchiveService } from '../services/archives.ts'
import type { AuditService } from '../services/audit.ts'
import type { BatchService } from '../services/batches.ts'
import type { DuplicateService } from '../services/duplicates.ts'
import type { EditService } from '../services/edits.ts'
import type { FileService } from '../services/files.ts'
import type { Identify } from '../services/identity.ts'
import type { LibraryService } from '../services/library.ts'
import type { ModelPackService } from '../services/model-packs.ts'
import type { QuotaService } from '../services/quotas.ts'
import type { SearchService } from '../services/search.ts'
import type { PictureSearch } from '../services/search-by-picture.ts'
import type { SearchLibrary } from '../services/search-library.ts'
import type { SavedSearches } from '../services/search-saved.ts'
import type { Sessions } from '../services/sessions.ts'
import type { SnapshotService } from '../services/snapshots.ts'
import type { TrashService } from '../services/trash.ts'
import type { UploadService } from '../services/uploads.ts'
import type { UserService } from '../services/users.ts'
import { albumRoutes } from './albums.ts'
import { apiKeyRoutes } from './api-keys.ts'
import { archiveRoutes } from './archives.ts'
import { auditRoutes } from './audit.ts'
import { authRoutes } from './auth.ts'
import { batchRoutes } from './batches.ts'
import { duplicateRoutes } from './duplicates.ts'
import { fileRoutes } from './files.ts'
import { createFoundation, type HttpApp } from './foundation.ts'
import { libraryRoutes } from './library.ts'
import { modelPackRoutes } from './model-packs.ts'
import { pageRoutes } from './page.ts'
import { savedSearchRoutes } from './saved-searches.ts'
import { searchRoutes } from './search.ts'
import { serverStateRoutes } from './server-state.ts'
import { sessionRoutes } from './sessions.ts'
import { closeWebSockets, registerShutdown } from './shutdown.ts'
import { trashRoutes } from './trash.ts'
import { uploadRoutes } from './uploads.ts'
import { userRoutes } from './users.ts'
import { webSocketRoutes } from './ws.ts'

export interface HttpDeps {
  config: {
    trustProxy: boolean
    corsOrigins: readonly string[]
    rateLimits: { auth: number; uploads: number; imageSearches: number }
    refreshTokenSeconds: number
    socketsPerAddress: number
    uploadMaxBytes: number
    batchMaxFiles: number
    shutdownMs: number
  }
  log: Logger
  version: string
  /** Where the web page lies; undefined when it was not built. */
  pageFolder: string | undefined
  identify: Identify
  accounts: Accounts
  sessions: Sessions
  apiKeys: ApiKeys
  uploads: UploadService
  edits: EditService
  library: LibraryService
  trash: TrashService
  quotas: QuotaService
  duplicates: DuplicateService
  albums: AlbumService
  archives: ArchiveService
  users: UserService
  audit: AuditService
  modelPacks: ModelPackService
  batches: BatchService
  files: FileService
  search: SearchService
  pictureSearch: PictureSearch
  searchLibrary: SearchLibrary
  savedSearches: SavedSearches
  snapshots: SnapshotService
  bus: ProgressBus
  media: { acceptedTypes: readonly string[]; ffmpeg: object | undefined }
  /** Whether each part of the server works, by its name. */
  readiness: () => Promise<Record<string, boolean>>
}

/** A client only ever sends short commands. */
const MESSAGE_MAX_BYTES = 16 * 1024

/** Everything that can be asked over HTTP and WebSocket. */
export async function createHttp(deps: HttpDeps): Promise<HttpApp> {
  const { config, log, version, identify, accounts, apiKeys, media, readiness } = deps
  const { uploadMaxBytes, batchMaxFiles, rateLimits, trustProxy, corsOrigins } = config
  const app = await createFoundation({ log, version, trustProxy, corsOrigins, identify })
  await app.register(multipart)
  await app.register(websocket, { options: { maxPayload: MESSAGE_MAX_BYTES }, preClose: closeWebSockets })
  registerShutdown(app, config.shutdownMs / 2)

  await app.register(serverStateRoutes, {
    version,
    readiness,
    readClientConfig: async () => ({
      version,
      model_pack: deps.modelPacks.activeName(),
      accepted_types: [...media.acceptedTypes],
      videos_supported: media.ffmpeg !== undefined,
      upload_max_bytes: uploadMaxBytes,
      batch_max_files: batchMaxFiles,
      ...(await accounts.readDoor()),
    }),
  })
  await app.register(authRoutes, {
    accounts,
    requestsPerMinute: rateLimits.auth,
    refreshTokenSeconds: config.refreshTokenSeconds,
  })
  await app.register(sessionRoutes, { sessions: deps.sessions })
  await app.register(apiKeyRoutes, { apiKeys })
  await app.register(uploadRoutes, {
    uploads: deps.uploads,
    edits: deps.edits,
    uploadMaxBytes,
    requestsPerMinute: rateLimits.uploads,
  })
  await app.register(libraryRoutes, { library: deps.library, quotas: deps.quotas })
  await app.register(trashRoutes, { trash: deps.trash })
  await app.register(fileRoutes, { files: deps.files })
  await app.register(batchRoutes, {
    batches: deps.batches,
    uploadMaxBytes,
    batchMaxFiles,
    requestsPerMinute: rateLimits.uploads,
  })
  const { search, pictureSearch, searchLibrary, savedSearches } = deps
  await app.register(searchRoutes, {
    search,
    pictureSearch,
    searchLibrary,
    imageSearchesPerMinute: rateLimits.imageSearches,
  })
  await app.register(savedSearchRoutes, { savedSearches })
  await app.register(duplicateRoutes, { duplicates: deps.duplicates })
  await app.register(albumRoutes, { albums: deps.albums })
  await app.register(archiveRoutes, { archives: deps.archives })
  await app.register(userRoutes, { users: deps.users })
  await app.register(auditRoutes, { audit: deps.audit })
  await app.register(modelPackRoutes, { modelPacks: deps.modelPacks })
  await app.register(pageRoutes, { folder: deps.pageFolder })
  await app.register(webSocketRoutes, {
    identify,
    modelsProgress: deps.modelPacks.progress,
    snapshots: deps.snapshots,
    bus: deps.bus,
    socketsPerAddress: config.socketsPerAddress,
    onAccessEnded: (listener) => {
      const forget = [deps.users.onDisabled, deps.sessions.onEnded, apiKeys.onRemoved].map((on) => on(listener))
      return () => {
        for (const end of forget) end()
      }
    },
  })
  return app
}
