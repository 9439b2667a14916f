import type { PackEvent } from '../models/store/pack-files.ts'
import type { ListedPack } from '../models/store/pack-shelf.ts'
import type { Selection } from '../models/store/selection.ts'
import { type Command, type CommandContext, EXIT_DONE, EXIT_FAILED, type Output, usageError } from './command.ts'
import { describePlan } from './plan.ts'
import { createProgressReport } from './progress.ts'
import { formatBytes, formatTable } from './sizes.ts'

/** The commands about getting, checking and choosing packs, in the order of the help. */
export const packCommands: Readonly<Record<string, Command>> = {
  list: {
    usage: '',
    summary: 'Shows the packs there are: * is the chosen one.',
    args: { atLeast: 0, atMost: 0 },
    async run({ store, print }) {
      print(describePacks(await store.list()))
      return EXIT_DONE
    },
  },

  pull: {
    usage: 'NAME|FILE.json',
    summary: 'Downloads a pack, or goes on with it.',
    args: { atLeast: 1, atMost: 1 },
    async run({ store, args: [name = ''], signal, print, stderr }) {
      const { manifest } = await withProgress(stderr, (onEvent) => store.pull(name, { onEvent, signal }))
      print(installedSentence(manifest.name))
      return EXIT_DONE
    },
  },

  import: {
    usage: 'NAME|FILE.json DIR',
    summary: 'Installs a pack from a folder, without a network.',
    args: { atLeast: 2, atMost: 2 },
    async run({ store, args: [name = '', folder = ''], signal, print, stderr }) {
      const { manifest } = await withProgress(stderr, (onEvent) => store.importFrom(name, folder, { onEvent, signal }))
      print(installedSentence(manifest.name))
      return EXIT_DONE
    },
  },

  verify: {
    usage: '[NAME]',
    summary: 'Reads an installed pack, or all, and names what is not as it arrived.',
    args: { atLeast: 0, atMost: 1 },
    async run({ store, args: [name], signal, print }) {
      const { packs, problems } = await store.verify(name, signal)
      for (const { pack, file, problem } of problems) print(`${pack}: ${file} ${problem}.\n`)
      const damaged = [...new Set(problems.map(({ pack }) => pack))]
      for (const pack of damaged) print(`${pack} is damaged. Mend it with: npm run models -- pull ${pack}\n`)
      for (const pack of packs.filter((one) => !damaged.includes(one))) print(`${pack} is as it arrived.\n`)
      if (packs.length === 0) print('No pack is installed.\n')
      return damaged.length > 0 ? EXIT_FAILED : EXIT_DONE
    },
  },

  use: {
    usage: 'NAME [--captions keep|redo] [--dry-run]',
    summary: 'Chooses the pack. A server that runs moves its library to it at once, otherwise the next start does.',
    args: { atLeast: 1, atMost: 1 },
    options: { captions: { type: 'string', default: 'keep' }, 'dry-run': { type: 'boolean', default: false } },
    run: choosePack,
  },

  remove: {
    usage: 'NAME',
    summary: 'Deletes a pack from this machine.',
    args: { atLeast: 1, atMost: 1 },
    async run({ store, args: [name = ''], print }) {
      await store.remove(name)
      print(`${name} is removed.\n`)
      return EXIT_DONE
    },
  },
}

async function choosePack(context: CommandContext): Promise<number> {
  const {
    store,
    args: [pack = ''],
    options,
    print,
  } = context
  const selection: Selection = { pack, captions: readCaptions(options.captions) }
  if (options['dry-run'] === true) {
    await store.assertUsable(pack)
    print(await describePlan(context, selection))
    return EXIT_DONE
  }
  await store.use(selection)
  print(
    `${pack} is chosen. Searches change over when every upload has its vectors; GET /v1/models tells how far it is.\n`,
  )
  return EXIT_DONE
}

function readCaptions(value: unknown): Selection['captions'] {
  if (value === 'keep' || value === 'redo') return value
  throw usageError(`Expected keep or redo for --captions but received ${JSON.stringify(value)}.`)
}

function installedSentence(name: string): string {
  return `${name} is installed. Use it with: npm run models -- use ${name}\n`
}

async function withProgress<T>(output: Output, work: (onEvent: (event: PackEvent) => void) => Promise<T>): Promise<T> {
  const report = createProgressReport(output)
  try {
    return await work(report.onEvent)
  } finally {
    report.end()
  }
}

function describePacks(packs: readonly ListedPack[]): string {
  const rows = packs.map((pack) => [
    `${pack.isActive ? '*' : ' '} ${pack.name}`,
    pack.isInstalled ? 'installed' : '-',
    describeSize(pack),
    pack.licences.join(', '),
  ])
  const details = packs.map(({ name, summary, problem }) => `${name}: ${problem ?? summary}\n`)
  return `${formatTable([['  NAME', 'STATE', 'SIZE', 'LICENCES'], ...rows])}\n${details.join('')}`
}

function describeSize({ sizeBytes, isInstalled }: ListedPack): string {
  if (sizeBytes === undefined) return '?'
  if (sizeBytes === 0) return '-'
  return `${isInstalled ? '' : 'about '}${formatBytes(sizeBytes)}`
}
