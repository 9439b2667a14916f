import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { v7 as uuidv7 } from 'uuid'
import { loadConfig } from '#src/config.js'
import { openDatabase } from '#src/db/client.js'
import { migrate } from '#src/db/migrate.js'
import { createSearchStore, type SignalList } from '#src/db/search.js'
import { unitLiteral } from '#src/db/search-vectors.js'
import { indexedWords } from '#src/db/search-words.js'
import { createMedia } from '#src/media/create-media.js'
import { openModelPack } from '#src/models/pack-registry.js'
import type { Signal } from '#src/schemas/search.js'
import { fuse, WEIGHTS } from '#src/services/fusion.js'
import { createQueryVectors } from '#src/services/search-vectors.js'

/**
 * How well searches find the one picture that a sentence is about: mean average precision and recall of each signal
 * alone and of all together, for the model pack of MODEL_PACK. The pictures are developed by the real models; their
 * names and captions are kept from the index. Weights are tried on one half of the queries, the table is of the other.
 *
 * The labelled set is Debian's clip art, some hundred pictures with a line of text each:
 *   apt-get install tuxpaint-stamps-default
 *   npm run build && npx tsx bench/retrieval-quality.ts /usr/share/tuxpaint/stamps [pictures]
 */

const [, , folder = '/usr/share/tuxpaint/stamps', count = '200'] = process.argv
const STILL_MAX_SIDE = 960
const DEPTH = 200
const PNG = { fileType: 'image', mimeType: 'image/png', extension: 'png' } as const

const silent = pino({ level: 'silent' })

const dataDir = await mkdtemp(join(tmpdir(), 'darkroom-quality-'))
const config = loadConfig({ ...process.env, DATA_DIR: dataDir })
const [database, media, pack] = await Promise.all([
  openDatabase(config, silent),
  createMedia(config),
  openModelPack(config.modelPack, config),
])
const { sql } = database
await migrate(database, silent)
await pack.warm()

const userId = uuidv7()
await sql`insert into users (id, username, password_hash, role) values (${userId}, 'bench', '', 'member')`
const labelled = await developAll(spread(await listLabelled(folder), Number(count)))
const store = createSearchStore(sql)
const queries = createQueryVectors(() => pack)
const found = await Promise.all(labelled.map(ask))
const [tuning, testing] = [found.filter((_, index) => index % 2 === 0), found.filter((_, index) => index % 2 === 1)]

process.stdout.write(`${labelled.length} pictures, pack ${pack.name}; ${testing.length} queries are tested\n`)
const findable = testing.filter(({ id, lists }) => lists.some(({ hits }) => hits.some((hit) => hit.uploadId === id)))
process.stdout.write(`${findable.length} of them find their picture at all: the rest is up to the models\n`)
process.stdout.write('signal         MAP   recall@1  recall@5  recall@20\n')
const signals: Signal[] = pack.sharesSpace ? ['text', 'description', 'picture'] : ['text', 'description']
const alone = signals.map((signal) =>
  show(signal, testing, (lists) => fuse(lists.filter((list) => list.signal === signal))),
)
const fused = show('all together', testing, (lists) => fuse(lists))
const best = [0.25, 0.5, 0.8, 1, 1.2, 1.5, 2, 4]
  .map((text) => ({ text, precision: score(tuning, (lists) => fuse(lists, { ...WEIGHTS, text })).precision }))
  .sort((a, b) => b.precision - a.precision)
process.stdout.write(
  `on the other half, by the weight of words: ${best.map(({ text, precision }) => `${text}: ${precision.toFixed(3)}`).join(', ')}\n`,
)
await pack.close()
await media.close()
await database.close()
await rm(dataDir, { recursive: true })
process.exitCode = fused >= Math.max(...alone) ? 0 : 1

interface Labelled {
  path: string
  caption: string
}

/** Pictures with a text of the same name beside them; its first line is the English one. */
async function listLabelled(root: string): Promise<Labelled[]> {
  const names = (await readdir(root, { recursive: true })).sort()
  const texts = new Set(names.filter((name) => name.endsWith('.txt')))
  const pictures = names.filter((name) => name.endsWith('.png') && texts.has(name.replace(/png$/, 'txt')))
  return Promise.all(
    pictures.map(async (name) => {
      const path = join(root, name)
      const [caption = ''] = (await readFile(path.replace(/png$/, 'txt'), 'utf8')).split('\n')
      return { path, caption: caption.trim() }
    }),
  )
}

/** So many, from all over the list. */
function spread<T>(all: readonly T[], wanted: number): T[] {
  const step = Math.max(1, all.length / wanted)
  return Array.from({ length: Math.min(wanted, all.length) }, (_, index) => all[Math.floor(index * step)] as T)
}

async function developAll(pictures: readonly Labelled[]): Promise<(Labelled & { id: string })[]> {
  const developed: (Labelled & { id: string })[] = []
  for (const picture of pictures) developed.push({ ...picture, id: await develop(picture.path) })
  return developed
}

async function develop(path: string): Promise<string> {
  const id = uuidv7()
  const still = await media.loadStill(path, PNG, STILL_MAX_SIDE)
  const caption = await pack.captioner.describe(still)
  const picture = await pack.imageEncoder.embed(still)
  const ideas = await pack.textEncoder.embedDescription(caption)
  const words = { description: caption.text, ocrText: caption.ocrText, name: '', camera: '' }
  const rows = [
    { uploadId: id, userId, model: pack.imageEncoder.fingerprint, frameMs: 0, part: 0, vector: unitLiteral(picture) },
    ...ideas.map((vector, part) => ({
      uploadId: id,
      userId,
      model: pack.textEncoder.fingerprint,
      frameMs: -1,
      part,
      vector: unitLiteral(vector),
    })),
  ]
  await sql.begin(async (tx) => {
    await tx`
      insert into uploads (id, user_id, filename, file_type, mime_type, extension, file_size, sha256, lane, status, stage,
        processed_at, description, ocr_text)
      values (${id}, ${userId}, '', 'image', 'image/png', 'png', 1, ${id}, 'batch', 'completed', 'completed', now(),
        ${caption.text}, ${caption.ocrText})`
    await tx`update uploads set ${indexedWords(tx, words)} where id = ${id}`
    await tx`insert into embeddings ${tx(rows)}`
  })
  return id
}

async function ask({ id, caption }: Labelled & { id: string }): Promise<{ id: string; lists: SignalList[] }> {
  const vectors = await queries.ofText(caption)
  const { lists } = await store.find({ userId, conditions: [] }, { text: caption, vectors }, DEPTH)
  return { id, lists }
}

type Rank = (lists: readonly SignalList[]) => { uploadId: string }[]

/** One picture is right for each query: the average precision is one over its rank. */
function score(asked: readonly { id: string; lists: SignalList[] }[], rank: Rank) {
  const ranks = asked.map(({ id, lists }) => rank(lists).findIndex(({ uploadId }) => uploadId === id) + 1)
  const within = (top: number) => ranks.filter((at) => at > 0 && at <= top).length / ranks.length
  const precision = ranks.reduce((sum, at) => sum + (at > 0 ? 1 / at : 0), 0) / ranks.length
  return { precision, recalls: [within(1), within(5), within(20)] }
}

function show(name: string, asked: Parameters<typeof score>[0], rank: Rank): number {
  const { precision, recalls } = score(asked, rank)
  const cells = recalls.map((recall) => recall.toFixed(3).padStart(9)).join(' ')
  process.stdout.write(`${name.padEnd(13)} ${precision.toFixed(3)} ${cells}\n`)
  return precision
}
