import { availableParallelism } from 'node:os'
import { createInference, type Inference } from './basic/inference.ts'
import { openCaptioner } from './captioning/open-captioner.ts'
import { openJointEncoders } from './joint/joint-encoders.ts'
import type { ModelPack } from './pack.ts'
import { openPackFiles } from './pack-files.ts'
import type { InstalledPack } from './store/installed.ts'

export interface InstalledPackOptions {
  /** Threads that look at pictures. Each holds the picture tower and the captioner as soon as it has had work. */
  readonly modelWorkers: number
  /** Threads that one run of a model may use; unset: the cores shared out over the workers. */
  readonly sessionThreads?: number
}

/**
 * Opens a pack that was downloaded: encoders of pictures and texts into one space, and a captioner.
 *
 * Texts have one thread of their own. A caption takes seconds, and a search must never wait for one; and a text tower
 * with its vocabulary is up to 500 MB, which are needed once and not in every thread.
 * @throws AppError MODEL_FAILED when a file is missing, cannot be loaded, or asks for something that is not known.
 */
export async function openInstalledPack(installed: InstalledPack, options: InstalledPackOptions): Promise<ModelPack> {
  const { manifest } = installed
  const files = openPackFiles(installed)
  // With as many workers as cores, one thread each gives the most pictures; with fewer, no core stays idle.
  const share = Math.max(1, Math.floor(availableParallelism() / options.modelWorkers))
  const { sessionThreads: threads = share } = options
  const pictures = createInference(options.modelWorkers)
  const words = createInference(1)
  try {
    const encoders = await openJointEncoders({ files, manifest: manifest.encoders, pictures, words, threads })
    const { captioner, warm } = await openCaptioner({ files, manifest: manifest.captioner, pictures, threads })
    let warming: Promise<void> | undefined
    const warmAll = async () => {
      // The picture tower has run: the pack could not have been opened without it.
      await Promise.all([encoders.textEncoder.embedQuery('a photo'), warm()])
    }
    return {
      name: manifest.name,
      captioner,
      ...encoders,
      sharesSpace: true,
      warm() {
        warming ??= warmAll()
        return warming
      },
      close: () => closeAll([pictures, words]),
    }
  } catch (thrown) {
    await closeAll([pictures, words])
    throw thrown
  }
}

async function closeAll(pools: readonly Inference[]): Promise<void> {
  await Promise.all(pools.map((pool) => pool.close()))
}
