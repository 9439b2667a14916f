import { join } from 'node:path'
import { AppError } from '../errors.ts'
import { MEDIA_FOLDER } from './keys.ts'

/** Letters, digits, `_`, `-` and inner dots: nothing that any file system reads as a way up, a drive or a stream. */
const SEGMENT = /^[\w-][\w.-]*$/

/**
 * The absolute path of a key. Only what lies under `media` can be named: the database and the secret of the server
 * are in the same data folder.
 * @throws AppError INTERNAL for a key that would leave the store: it is a mistake in the program, never bad input
 */
export function pathOfKey(dataDir: string, key: string): string {
  const segments = key.split('/')
  if (segments[0] === MEDIA_FOLDER && segments.every((segment) => SEGMENT.test(segment))) {
    return join(dataDir, ...segments)
  }
  throw new AppError('INTERNAL', { cause: new Error(`Expected a key below ${MEDIA_FOLDER}/ but received "${key}".`) })
}

/** The folders whose entries lead to a path, from the one that holds it up to the data folder. */
export function foldersAbove(dataDir: string, path: string): string[] {
  const segments = path.slice(dataDir.length + 1).split(/[\\/]/)
  return segments.map((_, index) => join(dataDir, ...segments.slice(0, segments.length - 1 - index)))
}
