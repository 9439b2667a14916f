const FILENAME_MAX = 255

/** C0/C1 controls, and the marks that turn the direction of text: "photo<RLO>gpj.exe" must not read as "photoexe.jpg". */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it removes
const UNSAFE = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/g

/**
 * The name under which an upload is kept: no folders, no control characters, at most 255 characters with the extension
 * kept. It is only ever shown and sent; no path is made of it.
 */
export function cleanFilename(given: string | undefined): string {
  const base = (given ?? '').split(/[/\\]/).at(-1) ?? ''
  const name = base.normalize('NFC').replace(UNSAFE, '').trim()
  if (name === '' || name === '.' || name === '..') return 'unnamed'
  const characters = [...name]
  if (characters.length <= FILENAME_MAX) return name
  const extension = /\.[^.]{1,10}$/u.exec(name)?.[0] ?? ''
  return characters.slice(0, FILENAME_MAX - [...extension].length).join('') + extension
}
