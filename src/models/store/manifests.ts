import { basename, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { AppError, toError } from '../../errors.ts'
import { packageFile } from '../../paths.ts'
import type { PackManifest } from '../manifest.ts'
import { namesIn, readText, writeJson } from './durable.ts'
import { ownManifestsFolder } from './pack-folders.ts'
import { readManifest } from './read-manifest.ts'

/** Of this program; the same place for the sources and for what is built from them. */
const BUNDLED = fileURLToPath(packageFile('models/packs/'))

/** A manifest that can be pulled by its name, or the sentence about why it cannot. */
export interface KnownManifest {
  readonly name: string
  readonly origin: 'bundled' | 'own'
  readonly manifest: PackManifest | AppError
}

/** The manifests of this program, small ones first, then those in `<data>/models/packs`. A bad one does not hide the others. */
export async function listManifests(dataDir: string): Promise<KnownManifest[]> {
  const bundled = (await readFolder(BUNDLED, 'bundled')).sort((one, other) => memoryOf(one) - memoryOf(other))
  const own = await readFolder(ownManifestsFolder(dataDir), 'own')
  return [...bundled, ...own.map((known) => (bundled.some(({ name }) => name === known.name) ? taken(known) : known))]
}

/**
 * A manifest by its name, or by the path of a file that ends in `.json`; of that a copy is kept under its name.
 * @throws AppError MODEL_PACK_NOT_FOUND naming those there are, MODEL_PACK_INVALID
 */
export async function getManifest(dataDir: string, nameOrFile: string): Promise<PackManifest> {
  if (nameOrFile.endsWith('.json')) return adoptManifest(dataDir, resolve(nameOrFile))
  const manifests = await listManifests(dataDir)
  const found = manifests.find(({ name }) => name === nameOrFile)
  if (found === undefined) throw unknownPack(nameOrFile, manifests)
  if (found.manifest instanceof AppError) throw found.manifest
  return found.manifest
}

function memoryOf({ manifest }: KnownManifest): number {
  return manifest instanceof AppError ? Number.POSITIVE_INFINITY : manifest.costs.memory_bytes
}

async function adoptManifest(dataDir: string, path: string): Promise<PackManifest> {
  const text = await readText(path)
  if (text === undefined) throw new AppError('MODEL_PACK_NOT_FOUND', { detail: `There is no file ${path}.` })
  const manifest = readManifest(text, path)
  const { name } = manifest
  const bundled = await readFolder(BUNDLED, 'bundled')
  if (bundled.some((known) => known.name === name)) throw takenError(name, path)
  await writeJson(join(ownManifestsFolder(dataDir), `${name}.json`), manifest)
  return manifest
}

function unknownPack(name: string, manifests: readonly KnownManifest[]): AppError {
  const names = manifests.map((known) => known.name).join(', ')
  return new AppError('MODEL_PACK_NOT_FOUND', {
    detail: `There is no model pack ${JSON.stringify(name)}. There are: ${names}. A manifest of your own ends in .json.`,
  })
}

function taken(known: KnownManifest): KnownManifest {
  return { ...known, manifest: takenError(known.name, `${known.name}.json`) }
}

function takenError(name: string, where: string): AppError {
  const detail = `${where} calls itself ${name}, as a pack of this program does. Give it another name.`
  return new AppError('MODEL_PACK_INVALID', { detail })
}

async function readFolder(folder: string, origin: KnownManifest['origin']): Promise<KnownManifest[]> {
  const files = (await namesIn(folder)).filter((file) => file.endsWith('.json')).sort()
  return Promise.all(files.map((file) => readKnown(join(folder, file), origin)))
}

async function readKnown(path: string, origin: KnownManifest['origin']): Promise<KnownManifest> {
  const name = basename(path, '.json')
  try {
    const manifest = readManifest((await readText(path)) ?? '', path)
    if (manifest.name === name) return { name, origin, manifest }
    const detail = `${path} calls itself ${manifest.name}. The name of the file must be ${manifest.name}.json.`
    return { name, origin, manifest: new AppError('MODEL_PACK_INVALID', { detail }) }
  } catch (thrown) {
    const error = toError(thrown)
    if (error instanceof AppError) return { name, origin, manifest: error }
    throw error
  }
}
