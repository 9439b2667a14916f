import type { UploadChanges } from '../../db/processing.ts'
import { AppError } from '../../errors.ts'
import type { Renditions } from '../../media/media.ts'
import type { Attempt, Stage } from '../stage.ts'

/**
 * Makes what is shown of the upload. It is tried once: a picture that kills the program while it is drawn can still be
 * described on the second attempt, and an upload without a thumbnail is better than none.
 */
export const thumbnail: Stage = {
  name: 'thumbnail',
  status: 'analyzing',
  shows: 'thumbnail',
  optional: true,
  async run(attempt) {
    const { attempts, nextStage } = attempt.upload
    // A second attempt that begins here is one whose first ended here.
    if (attempts > 1 && nextStage === 'thumbnail') return { outcome: 'skipped', reason: 'Renditions are tried once.' }
    const renditions = await render(attempt)
    await attempt.keepRenditions(renditions)
    return { outcome: 'done', changes: toChanges(renditions) }
  },
}

function toChanges({ preview, thumbnail, ...found }: Renditions): UploadChanges {
  return { ...found, hasRenditions: true, renditionsSize: preview.length + thumbnail.length }
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
