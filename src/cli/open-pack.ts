import type { Config } from '../config.ts'
import type { ModelPack } from '../models/pack.ts'
import { openModelPack } from '../models/pack-registry.ts'

/** Opens a pack for as long as the work takes. */
export async function withPack<T>(config: Config, name: string, work: (pack: ModelPack) => Promise<T>): Promise<T> {
  const pack = await openModelPack(name, config)
  try {
    await pack.warm()
    return await work(pack)
  } finally {
    await pack.close()
  }
}
