import type { Config } from '../config.ts'
import type { ModelPack } from './pack.ts'
import { openModelPack } from './pack-registry.ts'

/** Opens packs by their names. One that was opened ahead, while it was not yet known who needs it, is handed out once. */
export function createPackOpener(options: Pick<Config, 'modelWorkers' | 'dataDir'>) {
  const ahead = new Map<string, Promise<ModelPack>>()

  return {
    /** Begins to open and to warm a pack. What goes wrong is told to whoever opens it. */
    openAhead(name: string): void {
      const opening = openModelPack(name, options)
      opening.then((pack) => pack.warm()).catch(() => undefined)
      ahead.set(name, opening)
    },

    /** @throws AppError MODEL_PACK_NOT_INSTALLED, MODEL_FAILED */
    open(name: string): Promise<ModelPack> {
      const opening = ahead.get(name) ?? openModelPack(name, options)
      ahead.delete(name)
      return opening
    },

    /** Closes what nobody came for. */
    async close(): Promise<void> {
      const opened = await Promise.allSettled(ahead.values())
      ahead.clear()
      for (const one of opened) if (one.status === 'fulfilled') await one.value.close()
    },
  }
}
