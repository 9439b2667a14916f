import { mkdir } from 'node:fs/promises'
import type { Hub } from '../hub/hub.ts'
import type { PackManifest } from '../manifest.ts'
import { importPack } from './import-pack.ts'
import type { InstalledPack } from './installed.ts'
import { getManifest } from './manifests.ts'
import type { PackWork } from './pack-files.ts'
import { packFolder } from './pack-folders.ts'
import { withPackLock } from './pack-lock.ts'
import { createPackShelf, type PackShelfOptions } from './pack-shelf.ts'
import { pullPack } from './pull.ts'
import { type FreeBytes, freeBytesOf } from './room.ts'

export interface PackStoreOptions extends PackShelfOptions {
  readonly hub: Hub
  readonly freeBytes?: FreeBytes
}

export type PackStore = ReturnType<typeof createPackStore>

/** The packs of one data folder, and how others get there. */
export function createPackStore({ hub, freeBytes = freeBytesOf, ...options }: PackStoreOptions) {
  const { dataDir } = options

  async function install(manifest: PackManifest, work: () => Promise<InstalledPack>): Promise<InstalledPack> {
    await mkdir(packFolder(dataDir, manifest.name), { recursive: true, mode: 0o700 })
    return withPackLock(dataDir, manifest.name, work)
  }

  return {
    ...createPackShelf(options),

    /**
     * Downloads and installs a pack; a second time it repairs what is wrong.
     * @param nameOrFile a name from `list`, or a manifest: a path that ends in `.json`
     * @throws AppError MODEL_PACK_NOT_FOUND, MODEL_PACK_INVALID, MODEL_PACK_BUSY, and what `pullPack` throws
     */
    async pull(nameOrFile: string, work: PackWork = {}): Promise<InstalledPack> {
      const manifest = await getManifest(dataDir, nameOrFile)
      return install(manifest, () => pullPack({ dataDir, hub, freeBytes }, manifest, work))
    },

    /** Installs a pack from a folder, for machines without a network; see `importPack`. */
    async importFrom(nameOrFile: string, folder: string, work: PackWork = {}): Promise<InstalledPack> {
      const manifest = await getManifest(dataDir, nameOrFile)
      return install(manifest, () => importPack({ dataDir, freeBytes }, manifest, folder, work))
    },
  }
}
