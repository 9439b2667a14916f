import { rm } from 'node:fs/promises'
import { isDeepStrictEqual } from 'node:util'
import pLimit from 'p-limit'
import { AppError } from '../../errors.ts'
import type { ExpectedContent } from '../hub/download.ts'
import type { Hub } from '../hub/hub.ts'
import type { PackManifest } from '../manifest.ts'
import { sizeOf } from './durable.ts'
import { type InstalledFile, type InstalledPack, manifestPath, readInstalled, recordPack } from './installed.ts'
import { findRight, labelOf, type PackWork, totalBytes, type WantedFile, wantedFiles } from './pack-files.ts'
import { packFolder } from './pack-folders.ts'
import { assertRoom, type FreeBytes } from './room.ts'

/** Enough to fill a line that a single connection does not; hubs slow down those who open many. */
const FILES_AT_ONCE = 3

interface Means {
  readonly dataDir: string
  readonly hub: Hub
  readonly freeBytes: FreeBytes
}

/**
 * Fetches what a pack still lacks, then records it as installed. What is there and right is not fetched again; what an
 * earlier try left is gone on with. Everything is asked for before the first byte: a missing file or a full disk is
 * known at the start.
 * @throws AppError MODEL_DOWNLOAD_FAILED, MODEL_ACCESS_DENIED, MODEL_FILE_CORRUPT, STORAGE_FULL
 */
export async function pullPack(means: Means, manifest: PackManifest, work: PackWork): Promise<InstalledPack> {
  const { dataDir, hub, freeBytes } = means
  const directory = packFolder(dataDir, manifest.name)
  const installed = await readInstalledOrNothing(dataDir, manifest.name)
  // From here on the folder holds neither the old pack nor the new one.
  if (installed && !isDeepStrictEqual(installed.manifest, manifest)) await rm(manifestPath(directory), { force: true })

  return inParallel(work.signal, async (run, signal) => {
    const plans = await run(wantedFiles(manifest, directory), (file) => planFile(file, signal))
    work.onEvent?.({
      kind: 'planned',
      files: plans.length,
      sizeBytes: totalBytes(plans.map(({ file, kept }) => kept?.bytes ?? file.expected.sizeBytes)),
    })
    await assertRoom(directory, await bytesToCome(plans), freeBytes)
    const files = await run(plans, ({ file, kept }) => (kept ? keep(kept) : fetchFile(file, signal)))
    return recordPack(dataDir, manifest, files)
  })

  async function planFile(file: WantedFile, signal: AbortSignal): Promise<Plan> {
    const known = await findRight(withRecorded(file, installed), signal)
    if (known) return { file, kept: known }
    const onRetry = retryOf(file)
    const described = withDescribed(file, await hub.describe(file, { signal, onRetry }), hub.host)
    return { file: described, kept: await findRight(described, signal) }
  }

  async function fetchFile(file: WantedFile, signal: AbortSignal): Promise<InstalledFile> {
    const label = labelOf(file)
    const { sizeBytes, sha256 } = await hub.download(file, file.target, {
      expected: file.expected,
      onReceived: (bytes) => work.onEvent?.({ kind: 'received', file: label, sizeBytes: bytes }),
      onRetry: retryOf(file),
      signal,
    })
    work.onEvent?.({ kind: 'finished', file: label, sizeBytes, how: 'new' })
    return { source: file.source, path: file.path, bytes: sizeBytes, sha256 }
  }

  async function keep(file: InstalledFile): Promise<InstalledFile> {
    work.onEvent?.({ kind: 'finished', file: labelOf(file), sizeBytes: file.bytes, how: 'kept' })
    return file
  }

  function retryOf(file: WantedFile) {
    return (reason: string, pauseMs: number) =>
      work.onEvent?.({ kind: 'retrying', file: labelOf(file), reason, pauseMs })
  }
}

interface Plan {
  readonly file: WantedFile
  readonly kept: InstalledFile | undefined
}

/** A damaged record is no reason not to repair the pack. */
async function readInstalledOrNothing(dataDir: string, pack: string): Promise<InstalledPack | undefined> {
  try {
    return await readInstalled(dataDir, pack)
  } catch (thrown) {
    if (thrown instanceof AppError && thrown.code === 'MODEL_PACK_INVALID') return undefined
    throw thrown
  }
}

/** A file whose hash the manifest does not know is still right when it is as it once arrived, of the same revision. */
function withRecorded(file: WantedFile, installed: InstalledPack | undefined): WantedFile {
  const { repository, revision } = installed?.manifest.sources[file.source] ?? {}
  if (file.expected.sha256 !== undefined || repository !== file.repository || revision !== file.revision) return file
  const recorded = installed?.files.find(({ source, path }) => source === file.source && path === file.path)
  return recorded ? { ...file, expected: { ...file.expected, sha256: recorded.sha256 } } : file
}

/** The manifest has the last word; where the hub contradicts it, nothing needs to be fetched to know that it is wrong. */
function withDescribed(file: WantedFile, hub: ExpectedContent, host: string): WantedFile {
  const { sizeBytes, sha256 } = file.expected
  const differs =
    sha256 !== undefined && hub.sha256 !== undefined
      ? sha256 !== hub.sha256 && `the SHA-256 ${hub.sha256} at ${host} instead of ${sha256}`
      : sizeBytes !== undefined &&
        hub.sizeBytes !== undefined &&
        sizeBytes !== hub.sizeBytes &&
        `${hub.sizeBytes} bytes at ${host} instead of ${sizeBytes}`
  if (differs) {
    throw new AppError('MODEL_FILE_CORRUPT', { detail: `${file.path} of ${file.repository} has ${differs}.` })
  }
  const expected = { sizeBytes: sizeBytes ?? hub.sizeBytes, sha256: sha256 ?? hub.sha256 }
  return { ...file, expected }
}

/** As far as sizes are known; what an earlier try left is there already. */
async function bytesToCome(plans: readonly Plan[]): Promise<number> {
  const sizes = await Promise.all(
    plans.map(async ({ file, kept }) => {
      if (kept) return 0
      return Math.max(0, (file.expected.sizeBytes ?? 0) - ((await sizeOf(`${file.target}.part`)) ?? 0))
    }),
  )
  return sizes.reduce((sum, size) => sum + size, 0)
}

type Run = <In, Out>(items: readonly In[], work: (item: In) => Promise<Out>) => Promise<Out[]>

/** Several at once; when one fails the others are stopped, and have stopped when this ends. */
async function inParallel<T>(
  outer: AbortSignal | undefined,
  work: (run: Run, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const stop = new AbortController()
  const signal = outer ? AbortSignal.any([outer, stop.signal]) : stop.signal
  const limit = pLimit(FILES_AT_ONCE)
  const run: Run = async (items, one) => {
    const running = items.map((item) =>
      limit(() => {
        signal.throwIfAborted()
        return one(item)
      }),
    )
    const all = Promise.all(running)
    await all.catch((thrown: unknown) => stop.abort(thrown))
    await Promise.allSettled(running)
    return all
  }
  return work(run, signal)
}
