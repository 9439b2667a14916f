import type { ModelPack } from '../models/pack.ts'
import { type Command, type CommandContext, EXIT_DONE, usageError } from './command.ts'
import { agreementAt, type Neighbours, nearest } from './neighbours.ts'
import { withPack } from './open-pack.ts'
import { loadPictures, type OwnPicture } from './own-pictures.ts'
import { formatBytes, formatTable } from './sizes.ts'

const PICTURES = {
  pictures: { type: 'string' },
  count: { type: 'string' },
} as const

/** Neighbours that are compared: about what a person looks at. */
const NEIGHBOURS = 5
const SHOWN_CAPTIONS = 5
const QUERIES = [
  'sunset',
  'two people on a beach',
  'a dog that jumps over a fence',
  'grandmother',
  'red car in the snow',
]

/** The commands that try packs on this machine and on one's own pictures. */
export const measureCommands: Readonly<Record<string, Command>> = {
  bench: {
    usage: '[NAME] [--pictures DIR] [--count N]',
    summary: 'Times each part of a pack on this machine.',
    args: { atLeast: 0, atMost: 1 },
    options: PICTURES,
    run: bench,
  },

  eval: {
    usage: 'NAME OTHER [--pictures DIR] [--count N]',
    summary: 'Compares two packs on your own pictures: neighbours and captions.',
    args: { atLeast: 2, atMost: 2 },
    options: PICTURES,
    run: compare,
  },
}

async function bench(context: CommandContext): Promise<number> {
  const { config, store, args, print } = context
  const name = args[0] ?? (await store.activePack())
  const pictures = await loadPictures(config, folderOf(context), countOf(context, 5))
  const memoryBefore = process.memoryUsage.rss()
  const rows: string[][] = []
  const time = async <T>(part: string, inputs: readonly T[], work: (input: T) => Promise<unknown>) => {
    const startedMs = performance.now()
    for (const input of inputs) await work(input)
    const eachMs = (performance.now() - startedMs) / inputs.length
    rows.push([part, `${eachMs.toFixed(eachMs < 10 ? 1 : 0)} ms`, `${(1000 / eachMs).toFixed(2)} a second`])
  }
  const startedMs = performance.now()
  await withPack(config, name, async (pack) => {
    rows.push(['load and warm', `${Math.round(performance.now() - startedMs)} ms`, 'once'])
    await time('vector of a picture', pictures, (picture) => pack.imageEncoder.embed(picture))
    await time('vector of a query', QUERIES, (query) => pack.textEncoder.embedQuery(query))
    await time('description', pictures, (picture) => pack.captioner.describe(picture))
    rows.push(['memory', formatBytes(process.memoryUsage.rss() - memoryBefore), 'more than before'])
  })
  print(`${name}, ${pictures.length} pictures, one after another\n${formatTable(rows)}`)
  return EXIT_DONE
}

async function compare(context: CommandContext): Promise<number> {
  const { config, args, print } = context
  const pictures = await loadPictures(config, folderOf(context), countOf(context, 50))
  const looks = []
  for (const name of args) looks.push(await withPack(config, name, (pack) => look(pack, pictures)))
  const [one, other] = looks
  if (!one || !other) throw usageError('Expected two packs.')
  const agreement = agreementAt(NEIGHBOURS, one.neighbours, other.neighbours)
  print(`${pictures.length} pictures\n`)
  print(`Of the ${NEIGHBOURS} nearest pictures of each, ${Math.round(100 * agreement)} % are the same in both.\n\n`)
  for (const [index, { name }] of pictures.slice(0, SHOWN_CAPTIONS).entries()) {
    const rows = looks.map(({ captions }, which) => [`  ${args[which]}`, captions[index] ?? ''])
    print(`${name}\n${formatTable(rows)}\n`)
  }
  return EXIT_DONE
}

async function look(pack: ModelPack, pictures: readonly OwnPicture[]) {
  const vectors: Float32Array[] = []
  const captions: string[] = []
  for (const [index, picture] of pictures.entries()) {
    vectors.push(await pack.imageEncoder.embed(picture))
    if (index < SHOWN_CAPTIONS) captions.push((await pack.captioner.describe(picture)).text)
  }
  const neighbours: Neighbours = nearest(vectors)
  return { neighbours, captions }
}

function folderOf({ options }: CommandContext): string | undefined {
  return typeof options.pictures === 'string' ? options.pictures : undefined
}

function countOf({ options }: CommandContext, otherwise: number): number {
  if (options.count === undefined) return otherwise
  const count = Number(options.count)
  if (Number.isInteger(count) && count >= 1 && count <= 1000) return count
  throw usageError('Expected a number from 1 to 1000 for --count.')
}
