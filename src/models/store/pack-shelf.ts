import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { AppError, toError } from '../../errors.ts'
import type { PackManifest } from '../manifest.ts'
import { hashFile, isMissing, sizeOf } from './durable.ts'
import { findInstalled, type InstalledPack, manifestPath, readInstalled } from './installed.ts'
import { listManifests } from './manifests.ts'
import { labelOf, totalBytes } from './pack-files.ts'
import { BASIC, modelsFolder, OWN_MANIFESTS, packFolder } from './pack-folders.ts'
import { withPackLock } from './pack-lock.ts'
import { readSelection, type Selection, writeSelection } from './selection.ts'

/** A pack that there is, in whatever state. */
export interface ListedPack {
  readonly name: string
  /** In the words of its manifest. */
  readonly summary: string
  readonly licences: readonly string[]
  /** Of all files. Before a pack is installed it may be about as much; undefined when nothing is known. */
  readonly sizeBytes: number | undefined
  readonly isInstalled: boolean
  /** Whether it is the chosen one. */
  readonly isActive: boolean
  /** Why it cannot be used or pulled, in a sentence. */
  readonly problem?: string
}

/** A file of an installed pack that is not what it was. */
export interface FileProblem {
  readonly pack: string
  /** `source/path` */
  readonly file: string
  readonly problem: string
}

export interface PackShelfOptions {
  readonly dataDir: string
  /** The pack to use as long as nobody has chosen one. */
  readonly modelPack: string
}

/** The model packs of one data folder: `<data>/models/<pack>/<source>/<path>`. A server may run meanwhile. */
export function createPackShelf({ dataDir, modelPack }: PackShelfOptions) {
  const activePack = async () => (await readSelection(dataDir))?.pack ?? modelPack

  async function assertUsable(pack: string): Promise<void> {
    if (pack !== BASIC) await findInstalled(dataDir, pack)
  }

  async function verifyPack(pack: InstalledPack, signal: AbortSignal | undefined): Promise<FileProblem[]> {
    const problems: FileProblem[] = []
    for (const file of pack.files) {
      const sha256 = await hashFile(join(pack.directory, file.source, file.path), signal)
      if (sha256 === file.sha256) continue
      const problem = sha256 === undefined ? 'is missing' : `has the SHA-256 ${sha256} instead of ${file.sha256}`
      problems.push({ pack: pack.manifest.name, file: labelOf(file), problem })
    }
    return problems
  }

  return {
    /** The pack of the program, the bundled manifests, the user's own, and what is installed without either. */
    async list(): Promise<ListedPack[]> {
      const active = await activePack()
      const manifests = await listManifests(dataDir)
      const known = manifests.map(({ name }) => name)
      const orphans = (await installedNames(dataDir)).filter((name) => !known.includes(name))
      return Promise.all([
        basicPack(active),
        ...manifests.map(({ name, manifest }) => listPack(dataDir, name, manifest, active)),
        ...orphans.map((name) => listPack(dataDir, name, undefined, active)),
      ])
    },

    /**
     * Reads every file of an installed pack, or of all of them, and names what is not as it arrived.
     * @throws AppError MODEL_PACK_NOT_INSTALLED for a name that is not
     */
    async verify(name?: string, signal?: AbortSignal): Promise<{ packs: string[]; problems: FileProblem[] }> {
      const names = name === undefined ? await installedNames(dataDir) : [name]
      const problems: FileProblem[] = []
      for (const pack of names) {
        problems.push(...(await verifyPack(await getRecorded(dataDir, pack), signal)))
      }
      return { packs: names, problems }
    },

    /**
     * Chooses a pack: a server that runs moves its library to it, otherwise the next start does. The basic one is always there.
     * @throws AppError MODEL_PACK_NOT_INSTALLED
     */
    async use(selection: Selection): Promise<void> {
      await assertUsable(selection.pack)
      await writeSelection(dataDir, selection)
    },

    /** @throws AppError MODEL_PACK_NOT_INSTALLED when `use` would refuse it */
    assertUsable,

    /** The chosen pack. */
    activePack,

    /** @throws AppError MODEL_PACK_ACTIVE, MODEL_PACK_NOT_FOUND when there is nothing to remove */
    async remove(name: string): Promise<void> {
      if (name === (await activePack())) {
        const detail = `The model pack ${name} is in use. Choose another one first: npm run models -- use ${BASIC}`
        throw new AppError('MODEL_PACK_ACTIVE', { detail })
      }
      if (!(await packFolders(dataDir)).includes(name)) {
        throw new AppError('MODEL_PACK_NOT_FOUND', { detail: `Nothing of a model pack ${name} is on this machine.` })
      }
      await withPackLock(dataDir, name, async () => {
        // First what makes it a pack: half of one must not look whole.
        await rm(manifestPath(packFolder(dataDir, name)), { force: true })
        await rm(packFolder(dataDir, name), { recursive: true, force: true })
      })
    },
  }
}

export type PackShelf = ReturnType<typeof createPackShelf>

function basicPack(active: string): ListedPack {
  return {
    name: BASIC,
    summary: 'Comes with the program: names and counts things, reads text, finds by synonym and kind.',
    licences: ['MIT', 'Apache-2.0', 'WordNet'],
    sizeBytes: 0,
    isInstalled: true,
    isActive: active === BASIC,
  }
}

async function listPack(
  dataDir: string,
  name: string,
  known: PackManifest | AppError | undefined,
  active: string,
): Promise<ListedPack> {
  const installed = await unlessRefused(findInstalled(dataDir, name))
  const isActive = name === active
  if (!(installed instanceof AppError)) {
    const sizeBytes = totalBytes(installed.files.map(({ bytes }) => bytes))
    return { name, ...described(installed.manifest), sizeBytes, isInstalled: true, isActive }
  }
  const notWhole = isActive || (await isRecorded(dataDir, name)) ? { problem: installed.message } : {}
  const base = { name, isInstalled: false, isActive, ...notWhole }
  if (known === undefined) return { ...base, summary: '', licences: [], sizeBytes: undefined }
  if (known instanceof AppError) {
    return { ...base, summary: '', licences: [], sizeBytes: undefined, problem: known.message }
  }
  const sizes = Object.values(known.sources).flatMap(({ files }) => files.map(({ bytes }) => bytes))
  return { ...base, ...described(known), sizeBytes: totalBytes(sizes) ?? known.costs.download_bytes }
}

function described({ summary, sources }: PackManifest) {
  return { summary, licences: [...new Set(Object.values(sources).map(({ licence }) => licence))] }
}

async function unlessRefused<T>(found: Promise<T>): Promise<T | AppError> {
  try {
    return await found
  } catch (thrown) {
    const error = toError(thrown)
    if (error instanceof AppError) return error
    throw error
  }
}

async function getRecorded(dataDir: string, name: string): Promise<InstalledPack> {
  // Files that are missing are what `verify` is asked about; only a pack that is not there at all is refused.
  return (await readInstalled(dataDir, name)) ?? findInstalled(dataDir, name)
}

async function isRecorded(dataDir: string, name: string): Promise<boolean> {
  return (await sizeOf(manifestPath(packFolder(dataDir, name)))) !== undefined
}

async function installedNames(dataDir: string): Promise<string[]> {
  const names = await packFolders(dataDir)
  const recorded = await Promise.all(names.map((name) => isRecorded(dataDir, name)))
  return names.filter((_, index) => recorded[index])
}

/** Names of packs of which there is something on this machine, whole or not. */
async function packFolders(dataDir: string): Promise<string[]> {
  try {
    const entries = await readdir(modelsFolder(dataDir), { withFileTypes: true })
    const folders = entries.filter((entry) => entry.isDirectory() && entry.name !== OWN_MANIFESTS)
    return folders.map(({ name }) => name).sort()
  } catch (thrown) {
    if (isMissing(thrown)) return []
    throw thrown
  }
}
