import type { Captioner, DetectedObject, PixelImage, RunOptions } from '../pack.ts'
import { letterboxPixels } from '../pixels.ts'
import { DETECTOR_SIDE, fromLetterbox, LETTERBOX_GREY } from './detection.ts'
import type { Inference } from './inference.ts'
import { writePictureCaption, writeVideoCaption } from './sentence.ts'
import { readPictureText } from './text-reader.ts'

/**
 * Captions out of what can be recognised: 80 kinds of things, counted, and printed text.
 * It names no scenes, no actions and no attributes, and says nothing it has not seen.
 */
export function createCaptioner(inference: Inference, fingerprint: string): Captioner {
  return {
    fingerprint,
    async describe(image, options = {}) {
      // Side by side: with two workers free, one picture uses both.
      const [objects, lines] = await Promise.all([
        detectInPicture(image, inference, options),
        readPictureText(image, inference, options),
      ])
      return writePictureCaption(objects, lines.join('\n'))
    },
    combine: (frames) => writeVideoCaption(frames.map(({ caption }) => caption)),
  }
}

async function detectInPicture(
  image: PixelImage,
  inference: Inference,
  options: RunOptions,
): Promise<DetectedObject[]> {
  const [square, placed] = await letterboxPixels(image, DETECTOR_SIDE, LETTERBOX_GREY)
  const objects = await inference.run('detectObjects', square, { ...options, transfer: [square.data] })
  return objects.map((object) => fromLetterbox(object, placed))
}
