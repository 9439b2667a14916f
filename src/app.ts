import { readFileSync } from 'node:fs'
import type { FastifyInstance } from 'fastify'
import type { Logger } from 'pino'
import { v7 as uuidv7 } from 'uuid'
import { createPipeline, REGENERATE_FROM } from './background/pipeline.ts'
import { createScheduler } from './background/scheduler.ts'
import { ownsFiles, sweepOrphans } from './background/sweep.ts'
import type { Config } from './config.ts'
import { createApiKeyStore } from './db/api-keys.ts'
import { createBatchStore } from './db/batches.ts'
import { openDatabase } from './db/client.ts'
import { lockDataDir } from './db/data-lock.ts'
import { migrate } from './db/migrate.ts'
import { createProcessingStore } from './db/processing.ts'
import { createRefreshTokenStore } from './db/refresh-tokens.ts'
import { createSearchStore } from './db/search.ts'
import { createUploadStore } from './db/uploads.ts'
import { createUserStore } from './db/users.ts'
import { AppError, systemCode, toError } from './errors.ts'
import { openModelPack } from './models/pack-registry.ts'
import { createProgressBus } from './progress.ts'
import { createReleases } from './releases.ts'
import { createAccounts } from './services/accounts.ts'
import { createApiKeys } from './services/api-keys.ts'
import { createBatchService } from './services/batches.ts'
import { createFileService } from './services/files.ts'
import { createIdentify } from './services/identity.ts'
import { createPasswords } from './services/passwords.ts'
import { createReceiver } from './services/receiver.ts'
import { createSearchService } from './services/search.ts'
import { createSessions } from './services/sessions.ts'
import { createSnapshotService } from './services/snapshots.ts'
import { createTokens } from './services/tokens.ts'
import { createUploadService } from './services/uploads.ts'
import { createDiskStore } from './storage/disk-store.ts'

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }

/** A Darkroom, built and not yet open to anybody. */
export interface App {
  readonly http: FastifyInstance
  /** Begins to listen, warms the models, then takes up the work that waits in the rows. Resolves when it is ready. */
  start(): Promise<void>
  /** Stops listening, releases what runs, waits for the models, closes the database. Idempotent. */
  stop(): Promise<void>
}

/** Everything there is and who is given what, from the ground up. Nothing else in the program wires. */
export async function createApp(config: Config, log: Logger): Promise<App> {
  const releases = createReleases(log)
  try {
    return await build()
  } catch (thrown) {
    await releases.run()
    throw thrown
  }

  /**
   * What takes its time, side by side: the threads of the database and the models start first, and while they do this
   * thread loads the code of media and HTTP. The models begin to warm at once; `start` waits for them.
   */
  async function openTogether() {
    const opening = [openMigratedDatabase(), openModels(), openMedia(), import('./routes/http.ts')] as const
    // When one fails the others are awaited all the same: what they opened has to be closed.
    await Promise.allSettled(opening)
    return Promise.all(opening)
  }

  async function openMigratedDatabase() {
    const database = await openDatabase(config, log)
    releases.add('database', () => database.close())
    await migrate(database, log)
    return database
  }

  async function openMedia() {
    const { createMedia } = await import('./media/create-media.ts')
    const media = await createMedia(config)
    releases.add('media workers', () => media.close())
    return media
  }

  async function openModels() {
    const models = await openModelPack(config)
    releases.add('model workers', () => models.close())
    models.warm().catch((thrown: unknown) => log.error({ err: toError(thrown) }, 'the models could not be warmed'))
    return models
  }

  async function build(): Promise<App> {
    const lock = await lockDataDir(config.dataDir)
    releases.add('data folder lock', () => lock.release())
    const [database, models, media, { createHttp }] = await openTogether()
    const blobs = createDiskStore(config.dataDir)
    const bus = createProgressBus((thrown) => log.warn({ err: toError(thrown) }, 'a listener failed'))

    const { sql } = database
    const users = createUserStore(sql)
    const apiKeyStore = createApiKeyStore(sql)
    const uploadStore = createUploadStore(sql)
    const batchStore = createBatchStore(sql)
    const processing = createProcessingStore(sql, uuidv7())

    const develop = createPipeline({ processing, media, models, blobs, bus, log })
    const scheduler = createScheduler({ ...config, processing, batches: batchStore, develop, bus, log })

    const tokens = createTokens({ secret: config.tokenSecret, lifetimeSeconds: config.accessTokenSeconds })
    const refreshTokens = createRefreshTokenStore(sql)
    const sessions = createSessions({ refreshTokens, tokens, refreshTokenSeconds: config.refreshTokenSeconds })
    const passwords = createPasswords()
    const accounts = createAccounts({ users, sessions, passwords, registration: config.registration })
    const receiver = createReceiver({ uploads: uploadStore, blobs, media, uploadMaxBytes: config.uploadMaxBytes })
    const uploads = createUploadService({
      uploads: uploadStore,
      receiver,
      blobs,
      bell: scheduler,
      regenerateFrom: REGENERATE_FROM,
    })
    const batches = createBatchService({
      ...config,
      batches: batchStore,
      uploads: uploadStore,
      receiver,
      bus,
      bell: scheduler,
    })

    let warm = false
    const http = await createHttp({
      config,
      log,
      version,
      identify: createIdentify({ users, apiKeys: apiKeyStore, tokens }),
      accounts,
      apiKeys: createApiKeys(apiKeyStore),
      uploads,
      batches,
      files: createFileService({ uploads: uploadStore, blobs }),
      search: createSearchService({ search: createSearchStore(sql), uploads: uploadStore, models }),
      snapshots: createSnapshotService({ uploads: uploadStore, batches: batchStore }),
      bus,
      media,
      readiness: async () => ({ database: await answers(database.ping()), models: warm }),
    })
    releases.add('http', () => http.close())
    // Closed before http: requests in flight may take their time, work in the background lets go at once.
    releases.add('background work', () => scheduler.stop())
    const sweeping = new AbortController()
    releases.add('sweep', async () => sweeping.abort())

    const listen = async () => {
      try {
        return await http.listen({ host: config.host, port: config.port })
      } catch (cause) {
        if (systemCode(cause) !== 'EADDRINUSE') throw cause
        const detail = `Expected a free port for PORT but ${config.port} is in use.`
        throw new AppError('CONFIG_INVALID', { detail, cause })
      }
    }

    const sweep = async (startedAt: Date) => {
      try {
        const setAside = await sweepOrphans({ blobs, processing, log }, startedAt, sweeping.signal)
        log.info({ setAside }, 'looked for files without an upload')
      } catch (thrown) {
        if (!sweeping.signal.aborted) log.error({ err: toError(thrown) }, 'looking for files without an upload failed')
      }
    }

    return {
      http,
      async start() {
        const startedAt = new Date()
        await blobs.sweepTemporary()
        await scheduler.recoverRows()
        const owned = await ownsFiles({ blobs, processing, log })
        log.info({ address: await listen() }, 'listening')
        await models.warm()
        warm = true
        scheduler.begin()
        log.info({ ffmpeg: media.ffmpeg, modelPack: models.name, database: database.kind }, 'ready')
        if (owned) void sweep(startedAt)
      },
      stop: () => releases.run(),
    }
  }
}

function answers(ping: Promise<void>): Promise<boolean> {
  return ping.then(
    () => true,
    () => false,
  )
}
