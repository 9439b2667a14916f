import { watch } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { modelsFolder } from './pack-folders.ts'
import { readSelection, type Selection } from './selection.ts'

/**
 * Tells of every choice that `use` writes, also from another process. A choice made while nobody watched is read at
 * the start.
 * @returns the function that ends the watch
 */
export async function watchSelection(
  dataDir: string,
  onChoice: (selection: Selection) => void,
  onError: (thrown: unknown) => void,
): Promise<() => void> {
  const folder = modelsFolder(dataDir)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const watcher = watch(folder, (_event, name) => {
    if (name !== 'selection.json') return
    void readSelection(dataDir).then((selection) => selection && onChoice(selection), onError)
  })
  watcher.on('error', onError)
  return () => watcher.close()
}
