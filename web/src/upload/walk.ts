/** Enough to begin with, few enough that the list is made anew rarely. */
const CHUNK = 500

/** What systems leave in folders, and nobody means to hand over. */
const LITTER = /^(\.DS_Store|\._.*|Thumbs\.db|desktop\.ini|\.nomedia)$/i

/**
 * The files in dropped folders, chunk by chunk, while they are being read: a tree of a hundred thousand files is never
 * walked ahead of its sending by more than its names. Folders that cannot be read are passed over.
 */
export async function* walk(entries: readonly FileSystemEntry[]): AsyncGenerator<File[]> {
  let chunk: File[] = []
  for await (const file of filesIn(entries)) {
    chunk.push(file)
    if (chunk.length < CHUNK) continue
    yield chunk
    chunk = []
  }
  if (chunk.length > 0) yield chunk
}

export function isLitter(name: string): boolean {
  return LITTER.test(name)
}

async function* filesIn(entries: readonly FileSystemEntry[]): AsyncGenerator<File> {
  for (const entry of entries) {
    if (isDirectory(entry)) {
      for await (const children of childrenOf(entry)) yield* filesIn(children)
    } else if (isFile(entry) && !isLitter(entry.name)) {
      const file = await read(entry)
      if (file !== undefined) yield file
    }
  }
}

/** The browser gives a hundred at a time, and none at the end. */
async function* childrenOf(directory: FileSystemDirectoryEntry): AsyncGenerator<FileSystemEntry[]> {
  const reader = directory.createReader()
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve) => reader.readEntries(resolve, () => resolve([])))
    if (some.length === 0) return
    yield some
  }
}

function read(entry: FileSystemFileEntry): Promise<File | undefined> {
  return new Promise((resolve) => entry.file(resolve, () => resolve(undefined)))
}

function isDirectory(entry: FileSystemEntry): entry is FileSystemDirectoryEntry {
  return entry.isDirectory
}

function isFile(entry: FileSystemEntry): entry is FileSystemFileEntry {
  return entry.isFile
}
