import { join } from 'node:path'
import { type Static, Type } from 'typebox'
import { Value } from 'typebox/value'
import { AppError } from '../../errors.ts'
import { PACK_NAME, type PackManifest } from '../manifest.ts'
import { readText, sizeOf, writeJson } from './durable.ts'
import { packFolder } from './pack-folders.ts'
import { readManifest } from './read-manifest.ts'

const InstalledFileSchema = Type.Object({
  source: Type.String(),
  path: Type.String(),
  bytes: Type.Integer({ minimum: 0 }),
  sha256: Type.String(),
})
const RecordSchema = Type.Object({ installed_at: Type.String(), files: Type.Array(InstalledFileSchema) })

/** A file as it really arrived, whatever the manifest knew about it. */
export type InstalledFile = Static<typeof InstalledFileSchema>

/** A pack whose files are all there, and what they are. */
export interface InstalledPack {
  readonly manifest: PackManifest
  /** Absolute; holds one folder per source. */
  readonly directory: string
  readonly files: readonly InstalledFile[]
}

export const manifestPath = (directory: string) => join(directory, 'manifest.json')
const recordPath = (directory: string) => join(directory, 'installed.json')

/** Says that a pack is complete. The manifest comes last: as long as there is none, there is no pack. */
export async function recordPack(
  dataDir: string,
  manifest: PackManifest,
  files: readonly InstalledFile[],
): Promise<InstalledPack> {
  const directory = packFolder(dataDir, manifest.name)
  await writeJson(recordPath(directory), { installed_at: new Date().toISOString(), files })
  await writeJson(manifestPath(directory), manifest)
  return { manifest, directory, files }
}

/** What is installed under a name, whether or not its files are still there. Undefined when nothing is. */
export async function readInstalled(dataDir: string, pack: string): Promise<InstalledPack | undefined> {
  // What a person typed must not name a folder elsewhere.
  if (!new RegExp(PACK_NAME).test(pack)) return undefined
  const directory = packFolder(dataDir, pack)
  const [manifest, record] = await Promise.all([readText(manifestPath(directory)), readText(recordPath(directory))])
  if (manifest === undefined || record === undefined) return undefined
  return {
    manifest: readManifest(manifest, manifestPath(directory)),
    directory,
    files: readRecord(record, recordPath(directory)),
  }
}

function readRecord(text: string, path: string): readonly InstalledFile[] {
  const record: unknown = JSON.parse(text)
  if (Value.Check(RecordSchema, record)) return record.files
  throw new AppError('MODEL_PACK_INVALID', { detail: `${path} is damaged. Delete it, and pull the pack again.` })
}

/**
 * An installed pack. Its files are there in the size in which they arrived; `verify` reads them.
 * @throws AppError MODEL_PACK_NOT_INSTALLED saying what to do, MODEL_PACK_INVALID
 */
export async function findInstalled(dataDir: string, pack: string): Promise<InstalledPack> {
  const found = await readInstalled(dataDir, pack)
  const remedy = `Run: npm run models -- pull ${pack}`
  if (found === undefined) {
    throw new AppError('MODEL_PACK_NOT_INSTALLED', { detail: `The model pack ${pack} is not installed. ${remedy}` })
  }
  for (const { source, path, bytes } of found.files) {
    if ((await sizeOf(join(found.directory, source, path))) === bytes) continue
    const detail = `The model pack ${pack} is not whole: ${source}/${path} is missing or damaged. ${remedy}`
    throw new AppError('MODEL_PACK_NOT_INSTALLED', { detail })
  }
  return found
}
