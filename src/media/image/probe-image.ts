import type { Metadata } from 'sharp'
import type { Probe } from '../media.ts'
import { storableRecord } from '../text.ts'
import { summarizeExif } from './exif.ts'

/** What is known about a picture from its header and what the camera wrote into it. */
export function probeImage(header: Metadata): Probe {
  const { metadata: exif, ...camera } = summarizeExif(header.exif)
  return {
    width: header.autoOrient.width,
    height: header.autoOrient.height,
    ...camera,
    metadata: storableRecord({
      format: header.format,
      compression: header.compression,
      color_space: header.space,
      has_color_profile: header.hasProfile,
      bits_per_channel: header.bitsPerSample ?? (header.depth === 'ushort' ? 16 : 8),
      has_alpha: header.hasAlpha,
      pages: header.pages,
      ...exif,
    }),
  }
}
