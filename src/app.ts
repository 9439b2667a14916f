import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { FastifyInstance } from 'fastify'
import type { Logger } from 'pino'
import { v7 as uuidv7 } from 'uuid'
import { wireLibrary } from './app/library.ts'
import { wireModelPacks } from './app/model-packs.ts'
import { createPipeline, REGENERATE_FROM } from './background/pipeline.ts'
import { createScheduler } from './background/scheduler.ts'
import { ownsFiles, sweepOrphans } from './background/sweep.ts'
import type { Config } from './config.ts'
import { createApiKeyStore } from './db/api-keys.ts'
import { createAuditStore } from './db/audit.ts'
import { createBatchStore } from './db/batches.ts'
import { openDatabase } from './db/client.ts'
import { lockDataDir } from './db/data-lock.ts'
import { migrate } from './db/migrate.ts'
import { createModelPackStore, type ModelPackStore } from './db/model-packs.ts'
import { createProcessingStore } from './db/processing.ts'
import { createSearchStores } from './db/search-stores.ts'
import { createSessionStore } from './db/sessions.ts'
import { sketchOldVectors } from './db/sketched-vectors.ts'
import { createUploadEditStore } from './db/upload-edits.ts'
import { createUploadStore } from './db/uploads.ts'
import { createUserAdministration } from './db/user-administration.ts'
import { createUserStore } from './db/users.ts'
import { AppError, systemCode, toError } from './errors.ts'
import { encodersOf } from './models/pack.ts'
import { createPackHost, holdingPacks } from './models/pack-host.ts'
import { createPackOpener } from './models/pack-opener.ts'
import { readSelection } from './models/store/selection.ts'
import { watchSelection } from './models/store/watch-selection.ts'
import { packageFile } from './paths.ts'
import { createProgressBus } from './progress.ts'
import { createReleases } from './releases.ts'
import { createAccounts } from './services/accounts.ts'
import { createApiKeys } from './services/api-keys.ts'
import { createAuditService } from './services/audit.ts'
import { createBatchService } from './services/batches.ts'
import { createEditService } from './services/edits.ts'
import { createFileService } from './services/files.ts'
import { createIdentify } from './services/identity.ts'
import { createPasswords } from './services/passwords.ts'
import { createQueueLimit } from './services/queue-limit.ts'
import { createReceiver } from './services/receiver.ts'
import { createSearchService } from './services/search.ts'
import { createPictureSearch } from './services/search-by-picture.ts'
import { createSearchLibrary } from './services/search-library.ts'
import { createSavedSearches } from './services/search-saved.ts'
import { createSessions } from './services/sessions.ts'
import { createSnapshotService } from './services/snapshots.ts'
import { createTokens } from './services/tokens.ts'
import { createUploadService } from './services/uploads.ts'
import { createUserService } from './services/users.ts'
import { createDiskStore } from './storage/disk-store.ts'

const { version } = JSON.parse(readFileSync(packageFile('package.json'), 'utf8')) as { version: string }

const pageFolder = fileURLToPath(packageFile('dist/page'))

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
  const choice = (await readSelection(config.dataDir)) ?? ({ pack: config.modelPack, captions: 'keep' } as const)
  const opener = createPackOpener(config)
  releases.add('model packs that nobody needed', () => opener.close())
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
    opener.openAhead(choice.pack)
    const opening = [openMigratedDatabase(), openMedia(), import('./routes/http.ts')] as const
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

  /** The pack by which the library can be found; while it moves to another one, that is not the one that was chosen. */
  async function openPacks(store: ModelPackStore) {
    const known = await store.findActive()
    const name = known?.name ?? choice.pack
    const active = await opener.open(name).catch((thrown: unknown) => {
      if (name === choice.pack) throw thrown
      log.warn(
        { pack: name, err: toError(thrown) },
        'the model pack of this library is gone; the chosen one takes over',
      )
      return opener.open(choice.pack)
    })
    const packs = createPackHost(active)
    releases.add('model workers', () => packs.close())
    // A library that is new lacks nothing.
    if (!known) await store.setActive({ name, encoders: encodersOf(active) })
    else if (name !== active.name) await store.setActive({ name: active.name, encoders: [] })
    return packs
  }

  async function build(): Promise<App> {
    const lock = await lockDataDir(config.dataDir)
    releases.add('data folder lock', () => lock.release())
    const [database, media, { createHttp }] = await openTogether()
    const blobs = createDiskStore(config.dataDir)
    releases.add('files', () => blobs.close())
    const bus = createProgressBus((thrown) => log.warn({ err: toError(thrown) }, 'a listener failed'))

    const { sql } = database
    const users = createUserStore(sql)
    const apiKeyStore = createApiKeyStore(sql)
    const uploadStore = createUploadStore(sql)
    const batchStore = createBatchStore(sql)
    const processing = createProcessingStore(sql, uuidv7())

    const packRows = createModelPackStore(sql)
    const packs = await openPacks(packRows)
    const { packSwitch, modelPacks } = wireModelPacks({
      config,
      host: packs,
      store: packRows,
      openPack: opener.open,
      media,
      blobs,
      bus,
      log,
    })

    const develop = createPipeline({ processing, media, packs, blobs, bus, log })
    const scheduler = createScheduler({
      ...config,
      processing,
      batches: batchStore,
      develop,
      bus,
      log,
      removeExpired: async () => {
        await tending.trash.removeExpired()
        await audit.removeExpired()
      },
    })
    const { trashStore, services: tending } = wireLibrary({ sql, config, uploads: uploadStore, blobs, bell: scheduler })

    const tokens = createTokens({ secret: config.tokenSecret, lifetimeSeconds: config.accessTokenSeconds })
    const sessions = createSessions({ ...config, store: createSessionStore(sql), tokens })
    const passwords = createPasswords()
    const auditStore = createAuditStore(sql)
    const audit = createAuditService({ audit: auditStore, auditDays: config.auditDays })
    const accounts = createAccounts({
      users,
      sessions,
      passwords,
      audit: auditStore,
      registration: config.registration,
    })
    const queue = createQueueLimit({ uploads: uploadStore, maxUploads: config.queueMaxUploads })
    const receiver = createReceiver({
      ...config,
      uploads: uploadStore,
      trash: trashStore,
      quotas: tending.quotas,
      queue,
      blobs,
      media,
    })
    const uploads = createUploadService({
      uploads: uploadStore,
      receiver,
      queue,
      bell: scheduler,
      regenerateFrom: REGENERATE_FROM,
    })
    const batches = createBatchService({
      ...config,
      batches: batchStore,
      uploads: uploadStore,
      receiver,
      queue,
      bus,
      bell: scheduler,
    })

    const pack = () => packs.active
    const searching = { ...createSearchStores(sql), pack }
    const search = holdingPacks(packs, createSearchService({ ...searching, uploads: uploadStore }))

    let warm = false
    const http = await createHttp({
      config,
      log,
      version,
      pageFolder: existsSync(pageFolder) ? pageFolder : undefined,
      identify: createIdentify({ users, apiKeys: apiKeyStore, tokens }),
      accounts,
      sessions,
      apiKeys: createApiKeys(apiKeyStore),
      uploads,
      edits: holdingPacks(packs, createEditService({ edits: createUploadEditStore(sql), pack })),
      ...tending,
      audit,
      users: createUserService({ administration: createUserAdministration(sql), quotas: tending.quotas }),
      batches,
      files: createFileService({ uploads: uploadStore, blobs }),
      search,
      pictureSearch: createPictureSearch({ search, blobs, media, uploadMaxBytes: config.uploadMaxBytes }),
      searchLibrary: createSearchLibrary(searching),
      modelPacks,
      savedSearches: createSavedSearches({ saved: searching.saved, search }),
      snapshots: createSnapshotService({ uploads: uploadStore, batches: batchStore }),
      bus,
      media,
      readiness: async () => ({ database: await answers(database.ping()), models: warm }),
    })
    releases.add('http', () => http.close())
    // Closed before http: requests in flight may take their time, work in the background lets go at once.
    // Before that, since the change of the model pack may wait for what the background develops.
    releases.add('change of the model pack', () => packSwitch.stop())
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
        await packs.active.warm()
        warm = true
        scheduler.begin()
        packSwitch.choose(choice)
        const unwatch = await watchSelection(config.dataDir, packSwitch.choose, (thrown) =>
          log.error({ err: toError(thrown) }, 'the choice of a model pack could not be read'),
        )
        releases.add('watch of the chosen pack', async () => unwatch())
        log.info({ ffmpeg: media.ffmpeg, modelPack: packs.active.name, database: database.kind }, 'ready')
        if (owned) void sweep(startedAt)
        void sketchOldVectors(sql, log)
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
