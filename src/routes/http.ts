import multipart from '@fastify/multipart'
import websocket from '@fastify/websocket'
import type { Logger } from 'pino'
import type { ProgressBus } from '../progress.ts'
import type { Accounts } from '../services/accounts.ts'
import type { ApiKeys } from '../services/api-keys.ts'
import type { BatchService } from '../services/batches.ts'
import type { FileService } from '../services/files.ts'
import type { Identify } from '../services/identity.ts'
import type { SearchService } from '../services/search.ts'
import type { SnapshotService } from '../services/snapshots.ts'
import type { UploadService } from '../services/uploads.ts'
import { apiKeyRoutes } from './api-keys.ts'
import { authRoutes } from './auth.ts'
import { batchRoutes } from './batches.ts'
import { fileRoutes } from './files.ts'
import { createFoundation, type HttpApp } from './foundation.ts'
import { searchRoutes } from './search.ts'
import { serverStateRoutes } from './server-state.ts'
import { closeWebSockets, registerShutdown } from './shutdown.ts'
import { uploadRoutes } from './uploads.ts'
import { webSocketRoutes } from './ws.ts'

export interface HttpDeps {
  config: { trustProxy: boolean; uploadMaxBytes: number; batchMaxFiles: number; modelPack: string; shutdownMs: number }
  log: Logger
  version: string
  identify: Identify
  accounts: Accounts
  apiKeys: ApiKeys
  uploads: UploadService
  batches: BatchService
  files: FileService
  search: SearchService
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
  const { uploadMaxBytes, batchMaxFiles } = config
  const app = await createFoundation({ log, version, trustProxy: config.trustProxy, identify })
  await app.register(multipart)
  await app.register(websocket, { options: { maxPayload: MESSAGE_MAX_BYTES }, preClose: closeWebSockets })
  registerShutdown(app, config.shutdownMs / 2)

  await app.register(serverStateRoutes, {
    version,
    readiness,
    readClientConfig: async () => ({
      version,
      model_pack: config.modelPack,
      accepted_types: [...media.acceptedTypes],
      videos_supported: media.ffmpeg !== undefined,
      upload_max_bytes: uploadMaxBytes,
      batch_max_files: batchMaxFiles,
      registration_open: await accounts.isRegistrationOpen(),
    }),
  })
  await app.register(authRoutes, { accounts })
  await app.register(apiKeyRoutes, { apiKeys })
  await app.register(uploadRoutes, { uploads: deps.uploads, uploadMaxBytes })
  await app.register(fileRoutes, { files: deps.files })
  await app.register(batchRoutes, { batches: deps.batches, uploadMaxBytes, batchMaxFiles })
  await app.register(searchRoutes, { search: deps.search })
  await app.register(webSocketRoutes, { identify, snapshots: deps.snapshots, bus: deps.bus })
  return app
}
