import type { Config } from '../config.ts'
import { AppError } from '../errors.ts'
import { openBasicPack } from './basic/basic-pack.ts'
import type { ModelPack } from './pack.ts'

type PackOptions = Pick<Config, 'modelPack' | 'modelWorkers' | 'dataDir'>

/** Every pack that can be named in MODEL_PACK. */
const PACKS = new Map<string, (options: PackOptions) => Promise<ModelPack>>([['basic', openBasicPack]])

/**
 * Opens the configured model pack. Its workers start empty; `warm` loads the models.
 * @throws AppError CONFIG_INVALID for a name that is not among the packs.
 */
export async function openModelPack(options: PackOptions): Promise<ModelPack> {
  const open = PACKS.get(options.modelPack)
  if (open === undefined) {
    const names = [...PACKS.keys()].join(', ')
    throw new AppError('CONFIG_INVALID', {
      detail: `Expected one of ${names} for MODEL_PACK but received ${JSON.stringify(options.modelPack)}.`,
    })
  }
  return open(options)
}
