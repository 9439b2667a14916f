import { createReadStream } from 'node:fs'
import { join } from 'node:path'
import { AppError } from '../../errors.ts'
import { openPartFile } from '../hub/part-file.ts'
import type { PackManifest } from '../manifest.ts'
import { namesIn, readText, sizeOf } from './durable.ts'
import { type InstalledFile, type InstalledPack, recordPack } from './installed.ts'
import { findRight, labelOf, type PackWork, totalBytes, type WantedFile, wantedFiles } from './pack-files.ts'
import { packFolder } from './pack-folders.ts'
import { assertRoom, type FreeBytes } from './room.ts'

const READ_BUFFER_BYTES = 1024 * 1024

interface Means {
  readonly dataDir: string
  readonly freeBytes: FreeBytes
}

interface Found {
  readonly file: WantedFile
  readonly from: string
  readonly sizeBytes: number
}

/**
 * Copies a pack from a folder, checks it like a download, and records it as installed. The folder holds, for each
 * source, `<source>/...`, `<owner>/<name>/...`, or `models--owner--name/snapshots/<revision>/...` as the cache of the hub
 * does (also below `hub/`).
 * @throws AppError MODEL_FILE_MISSING naming all that is missing, MODEL_FILE_CORRUPT, STORAGE_FULL
 */
export async function importPack(
  { dataDir, freeBytes }: Means,
  manifest: PackManifest,
  folder: string,
  { onEvent, signal }: PackWork,
): Promise<InstalledPack> {
  const directory = packFolder(dataDir, manifest.name)
  const found = await findFiles(wantedFiles(manifest, directory), folder)
  onEvent?.({ kind: 'planned', files: found.length, sizeBytes: totalBytes(found.map(({ sizeBytes }) => sizeBytes)) })
  await assertRoom(
    dataDir,
    found.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
    freeBytes,
  )
  const files: InstalledFile[] = []
  for (const one of found) files.push(await takeFile(one))
  return recordPack(dataDir, manifest, files)

  async function takeFile({ file, from }: Found): Promise<InstalledFile> {
    const kept = await findRight(file, signal)
    const taken = kept ?? (await copyFile(file, from))
    onEvent?.({ kind: 'finished', file: labelOf(file), sizeBytes: taken.bytes, how: kept ? 'kept' : 'new' })
    return taken
  }

  async function copyFile(file: WantedFile, from: string): Promise<InstalledFile> {
    const part = await openPartFile(`${file.target}.part`, signal)
    try {
      await part.restart()
      for await (const chunk of createReadStream(from, {
        highWaterMark: READ_BUFFER_BYTES,
        ...(signal && { signal }),
      })) {
        await part.append(chunk)
        onEvent?.({ kind: 'received', file: labelOf(file), sizeBytes: part.sizeBytes })
      }
      const [bytes, sha256] = [part.sizeBytes, part.sha256()]
      const problem = problemOf(file, bytes, sha256)
      if (problem !== undefined) {
        await part.remove()
        throw new AppError('MODEL_FILE_CORRUPT', { detail: `${from} ${problem}.` })
      }
      await part.publish(file.target)
      return { source: file.source, path: file.path, bytes, sha256 }
    } finally {
      await part.close()
    }
  }
}

function problemOf({ expected }: WantedFile, bytes: number, sha256: string): string | undefined {
  if (expected.sizeBytes !== undefined && bytes !== expected.sizeBytes) {
    return `is ${bytes} bytes instead of ${expected.sizeBytes}`
  }
  if (expected.sha256 !== undefined && sha256 !== expected.sha256) {
    return `has the SHA-256 ${sha256} instead of ${expected.sha256}`
  }
  return undefined
}

async function findFiles(files: readonly WantedFile[], folder: string): Promise<Found[]> {
  const places = await Promise.all(files.map((file) => findFile(file, folder)))
  const missing = files.filter((_, index) => places[index] === undefined)
  if (missing.length > 0) {
    const names = missing.map(({ repository, path }) => `${repository}/${path}`).join(', ')
    throw new AppError('MODEL_FILE_MISSING', { detail: `${folder} lacks: ${names}.` })
  }
  return places.filter((place) => place !== undefined)
}

async function findFile(file: WantedFile, folder: string): Promise<Found | undefined> {
  for (const root of await rootsOf(file, folder)) {
    const from = join(root, ...file.path.split('/'))
    const sizeBytes = await sizeOf(from)
    if (sizeBytes !== undefined) return { file, from, sizeBytes }
  }
  return undefined
}

async function rootsOf({ source, repository, revision }: WantedFile, folder: string): Promise<string[]> {
  const cached = `models--${repository.replace('/', '--')}`
  const snapshots = await Promise.all(
    [folder, join(folder, 'hub')].map((hub) => findSnapshot(join(hub, cached), revision)),
  )
  return [join(folder, source), join(folder, repository), ...snapshots.filter((path) => path !== undefined)]
}

/** The snapshot of a revision; a branch is a file with the commit. With only one snapshot there is nothing to choose. */
async function findSnapshot(cached: string, revision: string): Promise<string | undefined> {
  const snapshots = await namesIn(join(cached, 'snapshots'))
  const commit = (await readText(join(cached, 'refs', revision)))?.trim()
  const chosen = [revision, commit].find((name) => name !== undefined && snapshots.includes(name))
  const name = chosen ?? (revision === 'main' && snapshots.length === 1 ? snapshots[0] : undefined)
  return name === undefined ? undefined : join(cached, 'snapshots', name)
}
