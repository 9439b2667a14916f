import type { Selection } from '../models/store/selection.ts'
import type { CommandContext } from './command.ts'
import { withPack } from './open-pack.ts'
import { countUploads, loadPictures } from './own-pictures.ts'

/** Enough to be right within a factor of two; a person waits for it. */
const SAMPLES = 5

/**
 * What moving the library to a pack would take: measured now, with this pack, on some of the library's own pictures.
 * Uploads are counted by their folders, so that a server may run meanwhile.
 */
export async function describePlan({ config }: CommandContext, { pack: name, captions }: Selection): Promise<string> {
  const uploads = await countUploads(config)
  if (uploads === 0) return `The library is empty: ${name} could be used at once. Nothing was changed.\n`
  const pictures = await loadPictures(config, undefined, SAMPLES)
  const secondsEach = await withPack(config, name, async (pack) => {
    const startedMs = performance.now()
    for (const picture of pictures) {
      const caption =
        captions === 'redo' ? await pack.captioner.describe(picture) : { text: 'a photo', ocrText: '', objects: [] }
      await pack.imageEncoder.embed(picture)
      await pack.textEncoder.embedDescription(caption)
    }
    return (performance.now() - startedMs) / 1000 / pictures.length
  })
  const time = describeTime((uploads * secondsEach) / config.modelWorkers)
  return (
    `${uploads} uploads, ${secondsEach.toFixed(2)} s each on one of ${config.modelWorkers} threads: about ${time}, ` +
    'more with long videos. Searches go on meanwhile. Nothing was changed.\n'
  )
}

function describeTime(seconds: number): string {
  if (seconds < 90) return `${Math.ceil(seconds)} seconds`
  if (seconds < 90 * 60) return `${Math.round(seconds / 60)} minutes`
  return `${(seconds / 3600).toFixed(1)} hours`
}
