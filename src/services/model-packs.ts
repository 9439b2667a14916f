import type { ModelPackStore } from '../db/model-packs.ts'
import { AppError } from '../errors.ts'
import { encodersOf } from '../models/pack.ts'
import type { PackHost } from '../models/pack-host.ts'
import type { PackShelf } from '../models/store/pack-shelf.ts'
import type { ModelPacks, ModelsProgress, PackChoiceRequest } from '../schemas/model-packs.ts'

interface Choice {
  readonly pack: string
  readonly captions: 'keep' | 'redo'
}

/** What moves the library, as far as this service needs to know it. */
interface Switch {
  choose(choice: Choice): void
  progress():
    | (Choice & {
        readonly state: 'opening' | 'embedding' | 'failed'
        readonly startedAt: Date
        readonly total: number
        readonly done: number
        readonly givenUp: number
        readonly etaSeconds: number | null
        readonly error: string | null
      })
    | undefined
}

export interface ModelPackServiceDeps {
  host: PackHost
  store: ModelPackStore
  packs: PackShelf
  switching: Switch
  plan(choice: Choice): Promise<{ uploads: number; missing: number; estimatedSeconds: number | null }>
}

/** Rows deleted by one statement: the embedded database answers nobody else meanwhile. */
const DELETE_SLICE = 2000

export type ModelPackService = ReturnType<typeof createModelPackService>

/** Model packs as the administrator sees them. */
export function createModelPackService({ host, store, packs, switching, plan }: ModelPackServiceDeps) {
  const toChoice = ({ pack, captions = 'keep' }: PackChoiceRequest): Choice => ({ pack, captions })

  const progress = (): ModelsProgress => ({
    active: host.active.name,
    switching: presentSwitch(switching.progress()),
  })

  async function status(): Promise<ModelPacks> {
    const listed = await packs.list()
    return {
      ...progress(),
      packs: listed.map(({ name, summary, licences, sizeBytes, isInstalled, problem }) => ({
        name,
        summary,
        licences: [...licences],
        size_bytes: sizeBytes ?? null,
        is_installed: isInstalled,
        problem: problem ?? null,
      })),
    }
  }

  return {
    /** The pack that searches are answered from. */
    activeName: () => host.active.name,

    /** Which pack is active, and how far the library is on its way to another one. */
    progress,

    status,

    /** @throws AppError MODEL_PACK_NOT_INSTALLED */
    async plan(request: PackChoiceRequest) {
      await packs.assertUsable(request.pack)
      const { uploads, missing, estimatedSeconds } = await plan(toChoice(request))
      return { uploads, missing, estimated_seconds: estimatedSeconds }
    },

    /**
     * Chooses the pack, for the next start too, and begins to move the library to it.
     * @throws AppError MODEL_PACK_NOT_INSTALLED
     */
    async use(request: PackChoiceRequest): Promise<ModelPacks> {
      const choice = toChoice(request)
      await packs.use(choice)
      switching.choose(choice)
      return status()
    },

    /**
     * Deletes the vectors of all packs but the active one.
     * @throws AppError MODEL_PACK_BUSY while the library is being moved: the new vectors are not old ones
     */
    async forgetOthers(): Promise<{ deleted: number }> {
      if (switching.progress()?.state === 'embedding') {
        throw new AppError('MODEL_PACK_BUSY', {
          detail: 'The library is being moved to another pack. Wait for its end.',
        })
      }
      const encoders = encodersOf(host.active)
      let deleted = 0
      for (;;) {
        const slice = await store.deleteOthers(encoders, DELETE_SLICE)
        deleted += slice
        if (slice === 0) return { deleted }
      }
    },
  }
}

function presentSwitch(progress: ReturnType<Switch['progress']>): ModelPacks['switching'] {
  if (!progress) return null
  const { startedAt, total, done, givenUp, etaSeconds, ...rest } = progress
  const percent = total === 0 ? 0 : Math.floor((100 * done) / total)
  return {
    ...rest,
    started_at: startedAt.toISOString(),
    total,
    done,
    given_up: givenUp,
    progress_percent: percent,
    eta_seconds: etaSeconds,
  }
}
