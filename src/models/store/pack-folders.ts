import { join } from 'node:path'

/** Pack names hold no dot, so files that do cannot be mistaken for packs. */
export function modelsFolder(dataDir: string): string {
  return join(dataDir, 'models')
}

export function packFolder(dataDir: string, pack: string): string {
  return join(modelsFolder(dataDir), pack)
}

/** Where a user keeps manifests of their own; `pull FILE.json` puts a copy there. No pack may have this name. */
export function ownManifestsFolder(dataDir: string): string {
  return packFolder(dataDir, OWN_MANIFESTS)
}

export const OWN_MANIFESTS = 'packs'
/** The pack that comes with the program and has no manifest. */
export const BASIC = 'basic'
