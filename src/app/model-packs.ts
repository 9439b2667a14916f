import type { Logger } from 'pino'
import { planSwitch } from '../background/pack-plan.ts'
import { createPackSwitch } from '../background/pack-switch.ts'
import type { ReembedTools } from '../background/reembed.ts'
import type { Config } from '../config.ts'
import type { ModelPackStore } from '../db/model-packs.ts'
import type { ModelPack } from '../models/pack.ts'
import type { PackHost } from '../models/pack-host.ts'
import { createPackShelf } from '../models/store/pack-shelf.ts'
import type { ProgressBus } from '../progress.ts'
import { createModelPackService, type ModelPackService } from '../services/model-packs.ts'

export interface ModelPackParts extends ReembedTools {
  config: Config
  host: PackHost
  store: ModelPackStore
  /** Opens an installed pack by its name. */
  openPack(name: string): Promise<ModelPack>
  bus: ProgressBus
  log: Logger
}

/** What moves the library to another model pack, and what administrators see of it. */
export function wireModelPacks({ config, host, store, openPack, media, blobs, bus, log }: ModelPackParts) {
  const deps = { ...config, store, openPack, media, blobs, log, concurrency: config.modelWorkers }
  const tell = () => bus.publish({ action: 'models_progress', payload: service.progress() })
  const packSwitch = createPackSwitch({ ...deps, host, tell })
  const service: ModelPackService = createModelPackService({
    host,
    store,
    packs: createPackShelf(config),
    switching: packSwitch,
    plan: (planned) => planSwitch(planned, deps),
  })
  return { packSwitch, modelPacks: service }
}
