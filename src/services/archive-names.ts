import type { UploadRow } from '../db/uploads.ts'

/** What one system or another takes for a path, a stream or a pattern, or does not take at all. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it replaces
const UNSAFE = /[\u0000-\u001f\u007f<>:"/\\|?*\p{Surrogate}]/gu
/** Names that Windows gives to devices, whatever the extension. */
const DEVICE = /^(con|prn|aux|nul|com\d|lpt\d)(?=\.|$)/i

/** ZIP counts from 1980; seconds since 1970 in 32 bits, which unpackers prefer, end in 2038. */
const FIRST_MS = Date.UTC(1980, 0, 2)
const LAST_MS = Date.UTC(2038, 0, 1)

/**
 * Gives out names for the files of an archive, each once: "boats.jpg", "boats (2).jpg". Case does not tell names apart,
 * since it does not where most people unpack them.
 */
export function createArchiveNames(taken: readonly string[] = []) {
  const used = new Set(taken.map(fold))
  /** The number to try next for a name, so that a thousand equal names are not counted up each time. */
  const next = new Map<string, number>()
  return {
    take(filename: string): string {
      const safe = toSafeName(filename)
      const [, stem = safe, extension = ''] = /^(.+?)(\.[^.]*)?$/su.exec(safe) ?? []
      let number = next.get(fold(safe)) ?? 1
      let name = safe
      for (; used.has(fold(name)) || (number > 1 && name === safe); number++)
        name = `${stem} (${number + 1})${extension}`
      next.set(fold(safe), number)
      used.add(fold(name))
      return name
    },
  }
}

const fold = (name: string) => name.normalize('NFC').toLowerCase()

function toSafeName(filename: string): string {
  const name = filename
    .replace(UNSAFE, '_')
    .replace(DEVICE, '$1_')
    .replace(/[. ]+$/, '')
  return name === '' ? 'unnamed' : name
}

/** When it was taken, or else handed over, as near as an archive can say. */
export function archiveTime({ takenAt, createdAt }: Pick<UploadRow, 'takenAt' | 'createdAt'>): Date {
  return new Date(Math.min(LAST_MS, Math.max(FIRST_MS, (takenAt ?? createdAt).getTime())))
}
