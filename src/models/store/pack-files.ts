import { join } from 'node:path'
import type { ExpectedContent } from '../hub/download.ts'
import type { PackManifest } from '../manifest.ts'
import { hashFile, sizeOf } from './durable.ts'
import type { InstalledFile } from './installed.ts'

/** A file that a pack has to have. */
export interface WantedFile {
  readonly source: string
  readonly repository: string
  readonly revision: string
  readonly path: string
  /** Absolute; where it belongs. */
  readonly target: string
  readonly expected: ExpectedContent
}

/** What happens to the files of a pack, for whoever watches. Files are named `source/path`. */
export type PackEvent =
  /** Before anything is fetched or copied. `sizeBytes` is that of all files, undefined when one is not known. */
  | { readonly kind: 'planned'; readonly files: number; readonly sizeBytes: number | undefined }
  /** Bytes of the file that are here by now. */
  | { readonly kind: 'received'; readonly file: string; readonly sizeBytes: number }
  | { readonly kind: 'retrying'; readonly file: string; readonly reason: string; readonly pauseMs: number }
  | { readonly kind: 'finished'; readonly file: string; readonly sizeBytes: number; readonly how: 'kept' | 'new' }

export interface PackWork {
  onEvent?(event: PackEvent): void
  readonly signal?: AbortSignal | undefined
}

export function labelOf({ source, path }: { source: string; path: string }): string {
  return `${source}/${path}`
}

export function wantedFiles({ sources }: PackManifest, directory: string): WantedFile[] {
  return Object.entries(sources).flatMap(([source, { repository, revision, files }]) =>
    files.map(({ path, bytes, sha256 }) => ({
      source,
      repository,
      revision,
      path,
      target: join(directory, source, ...path.split('/')),
      expected: { sizeBytes: bytes, sha256 },
    })),
  )
}

/** The file as it is when it is there and known to be right; undefined otherwise. */
export async function findRight(
  { source, path, target, expected }: WantedFile,
  signal?: AbortSignal,
): Promise<InstalledFile | undefined> {
  const { sizeBytes, sha256 } = expected
  if (sha256 === undefined) return undefined
  const bytes = await sizeOf(target)
  if (bytes === undefined || (sizeBytes !== undefined && bytes !== sizeBytes)) return undefined
  return (await hashFile(target, signal)) === sha256 ? { source, path, bytes, sha256 } : undefined
}

/** Of all files together, as far as all of them are known. */
export function totalBytes(sizes: readonly (number | undefined)[]): number | undefined {
  return sizes.reduce(
    (sum: number | undefined, size) => (sum === undefined || size === undefined ? undefined : sum + size),
    0,
  )
}
