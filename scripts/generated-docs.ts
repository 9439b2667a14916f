import { readFileSync, writeFileSync } from 'node:fs'
import { systemCode } from '../src/errors.ts'

const root = new URL('../', import.meta.url)

/**
 * Writes a document that is made from the code. With `--check` on the command line it writes nothing, and sets the
 * exit code 1 when the document is not what it would write.
 * @param path from the root of the project
 * @param render makes the whole document; `current` is what it is now, for documents that are generated in part
 */
export function writeDocument(path: string, render: (current: string) => string): void {
  const url = new URL(path, root)
  const current = readDocument(url)
  const wanted = render(current)
  if (current === wanted) return
  if (process.argv.includes('--check')) {
    process.stderr.write(
      `${path} is not up to date. Run: npx tsx ${process.argv[1]?.replace(/^.*\/scripts\//, 'scripts/')}\n`,
    )
    process.exitCode = 1
    return
  }
  writeFileSync(url, wanted)
}

function readDocument(url: URL): string {
  try {
    return readFileSync(url, 'utf8')
  } catch (thrown) {
    if (systemCode(thrown) === 'ENOENT') return ''
    throw thrown
  }
}

/** A table of Markdown. A `|` in a cell would end it. */
export function toTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}
