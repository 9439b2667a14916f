import type { Config } from '../config.ts'
import { openBasicPack } from './basic/basic-pack.ts'
import { openInstalledPack } from './installed-pack.ts'
import type { ModelPack } from './pack.ts'
import { findInstalled } from './store/installed.ts'
import { BASIC } from './store/pack-folders.ts'

/**
 * Opens a model pack by its name: the one of the program, or one that was installed into the data folder.
 * @throws AppError MODEL_PACK_NOT_INSTALLED saying what to do, MODEL_FAILED when its files cannot be loaded
 */
export async function openModelPack(
  name: string,
  { dataDir, modelWorkers }: Pick<Config, 'modelWorkers' | 'dataDir'>,
): Promise<ModelPack> {
  if (name === BASIC) return openBasicPack({ modelWorkers })
  return openInstalledPack(await findInstalled(dataDir, name), { modelWorkers })
}
