import type { MediaType } from '../media.ts'
import type { Container } from './wholeness/is-whole.ts'

export interface AcceptedType extends MediaType {
  readonly container: Container
}

function image(mimeType: string, extension: string, container: Container): AcceptedType {
  return { fileType: 'image', mimeType, extension, container }
}

function video(mimeType: string, extension: string, container: Container): AcceptedType {
  return { fileType: 'video', mimeType, extension, container }
}

const MPEG_PROGRAM_STREAM = video('video/mpeg', 'mpg', 'none')

/** What is taken, by the name that `file-type` gives it. */
export const TYPES_BY_SNIFFED_NAME: ReadonlyMap<string, AcceptedType> = new Map([
  ['image/jpeg', image('image/jpeg', 'jpg', 'jpeg')],
  ['image/png', image('image/png', 'png', 'png')],
  ['image/apng', image('image/apng', 'png', 'png')],
  ['image/webp', image('image/webp', 'webp', 'riff')],
  ['image/avif', image('image/avif', 'avif', 'iso')],
  ['image/heic', image('image/heic', 'heic', 'iso')],
  ['image/heif', image('image/heif', 'heif', 'iso')],
  ['image/heic-sequence', image('image/heic-sequence', 'heic', 'iso')],
  ['image/heif-sequence', image('image/heif-sequence', 'heif', 'iso')],
  ['image/gif', image('image/gif', 'gif', 'gif')],
  ['image/tiff', image('image/tiff', 'tiff', 'none')],
  ['video/mp4', video('video/mp4', 'mp4', 'iso')],
  ['video/x-m4v', video('video/x-m4v', 'm4v', 'iso')],
  ['video/3gpp', video('video/3gpp', '3gp', 'iso')],
  ['video/3gpp2', video('video/3gpp2', '3g2', 'iso')],
  ['video/quicktime', video('video/quicktime', 'mov', 'iso')],
  ['video/webm', video('video/webm', 'webm', 'matroska')],
  ['video/matroska', video('video/matroska', 'mkv', 'matroska')],
  ['video/vnd.avi', video('video/vnd.avi', 'avi', 'riff')],
  ['video/mpeg', MPEG_PROGRAM_STREAM],
  ['video/MP1S', MPEG_PROGRAM_STREAM],
  ['video/MP2P', MPEG_PROGRAM_STREAM],
  ['video/mp2t', video('video/mp2t', 'ts', 'none')],
  ['video/x-flv', video('video/x-flv', 'flv', 'none')],
])

export const ACCEPTED_TYPES: readonly string[] = [
  ...new Set([...TYPES_BY_SNIFFED_NAME.values()].map(({ mimeType }) => mimeType)),
]
