import type { ByteWindow } from './byte-window.ts'
import { isGifWhole } from './gif.ts'
import { areIsoBoxesWhole } from './iso-boxes.ts'
import { isJpegWhole } from './jpeg.ts'
import { isMatroskaWhole } from './matroska.ts'
import { isPngWhole } from './png.ts'
import { isRiffWhole } from './riff.ts'

/** How a container tells that it is all there. `none`: it can't tell (TIFF, MPEG, FLV). */
export type Container = keyof typeof checks

const checks = {
  jpeg: isJpegWhole,
  png: isPngWhole,
  gif: isGifWhole,
  riff: isRiffWhole,
  iso: areIsoBoxesWhole,
  matroska: isMatroskaWhole,
  none: async () => true,
} satisfies Record<string, (file: ByteWindow) => Promise<boolean>>

/** False only when the file surely ends before its content does. Reads by seeking, never the whole file but a JPEG's scan. */
export async function isWhole(file: ByteWindow, container: Container): Promise<boolean> {
  return (await checks[container](file)) || file.isExhausted()
}
