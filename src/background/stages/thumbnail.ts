import { AppError } from '../../errors.ts'
import type { Attempt, Stage } from '../stage.ts'

/**
 * Makes what is shown of the upload. On the first attempt only: a picture that kills the program while it is drawn
 * can still be described on the second, and an upload without a thumbnail is better than none.
 */
export const thumbnail: Stage = {
  name: 'thumbnail',
  status: 'analyzing',
  shows: 'thumbnail',
  optional: true,
  async run(attempt) {
    if (attempt.upload.attempts > 1)
      return { outcome: 'skipped', reason: 'Renditions are made on the first attempt only.' }
    const renditions = await render(attempt)
    await attempt.keepRenditions(renditions)
    return { outcome: 'done', changes: { thumbhash: renditions.thumbhash, hasRenditions: true } }
  },
}

/** A video's poster is the frame in the middle: first frames are often black. */
async function render({ upload, media, signal, originalPath, frames }: Attempt) {
  if (upload.fileType === 'image') {
    const type = { fileType: upload.fileType, mimeType: upload.mimeType, extension: upload.extension }
    return media.renderImage(await originalPath(), type, signal)
  }
  const all = await frames()
  const poster = all[Math.floor(all.length / 2)]
  if (!poster) throw new AppError('VIDEO_NO_PICTURE')
  return media.renderFrame(poster)
}
