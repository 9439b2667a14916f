import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import t, { type Test } from 'tap'
import { writeSelection } from '#src/models/store/selection.js'
import type { ModelPacks } from '#src/schemas/model-packs.js'
import type { SearchResult } from '#src/schemas/search.js'
import type { Upload } from '#src/schemas/uploads.js'
import { startServer } from '../demo/server-process.ts'
import { type Message, openClient } from './helpers/client.ts'
import { copyTemplate } from './helpers/database.ts'
import type { Bytes } from './helpers/samples.ts'
import { TINY_CAPTIONS, type TinyPackOptions, writeTinyPack } from './helpers/tiny-packs.ts'
import { until } from './helpers/until.ts'

/** A library moves from one model pack to the next while people use it; each test goes on where the one before left it. */

const COLOURS = { red: '#e01010', green: '#10e010', blue: '#1010e0' } as const

/** Like no other, and of one colour to the eye. */
async function coloured(colour: keyof typeof COLOURS, number: number): Promise<Bytes> {
  const plain = { width: 48 + number, height: 48, channels: 3, background: COLOURS[colour] } as const
  return new Uint8Array(await sharp({ create: plain }).png().toBuffer())
}

const dataDir = await mkdtemp(join(tmpdir(), 'darkroom-packs-'))
t.teardown(() => rm(dataDir, { recursive: true, force: true }))
await copyTemplate(dataDir)

async function start() {
  const server = await startServer(dataDir, '0', { REGISTRATION: 'open' })
  t.teardown(() => server.kill())
  return { client: await openClient(server.address, 'ann'), stop: () => server.stop() }
}

let server = await start()
let { client } = server
const uploads = await handOver(9)

const install = (name: string, options: TinyPackOptions) =>
  writeTinyPack(join(dataDir, 'models', name), { ...options, name })

const status = async () => (await client.call<ModelPacks>('GET', '/v1/models')).body

async function switched(t: Test, pack: string): Promise<void> {
  await until(async () => {
    const { active, switching } = await status()
    return (active === pack && switching === null) || switching?.state === 'failed'
  })
  t.match(await status(), { active: pack, switching: null })
}

async function find(query: string) {
  return client.call<SearchResult>('POST', '/v1/search', { query })
}

const descriptionOf = async (upload: Upload | undefined) =>
  (await client.call<Upload>('GET', `/v1/uploads/${upload?.id}`)).body.description

async function handOver(count: number): Promise<Upload[]> {
  const uploads: Upload[] = []
  for (let number = 0; number < count; number++) {
    const colour = (['red', 'green', 'blue'] as const)[number % 3] ?? 'red'
    uploads.push((await client.upload(await coloured(colour, number), `${number}.png`)).body)
  }
  return Promise.all(uploads.map(({ id }) => client.developed(id)))
}

t.test('searches go on while a library moves to a pack, and find by its vectors afterwards', async (t) => {
  await client.call('PATCH', `/v1/uploads/${uploads[0]?.id}`, { description: 'My own words.' })
  await client.developed(uploads[0]?.id ?? '')
  await install('tiny', { kind: 'clip', captioner: 'vit-gpt2' })

  const plan = await client.call<{ uploads: number; missing: number; estimated_seconds: number }>(
    'POST',
    '/v1/models/use',
    { pack: 'tiny', dry_run: true },
  )
  t.match(plan, { status: 200, body: { uploads: 9, missing: 9 } })
  t.ok(plan.body.estimated_seconds >= 1)
  t.equal((await status()).active, 'basic', 'a plan changes nothing')

  const bob = await openClient(client.address, 'bob')
  const [told, toldBob] = [await client.watch(), await bob.watch()]
  const isToldOf = ({ action }: Message) => action === 'models_progress'
  t.match((await told.until(isToldOf)).payload, { active: 'basic', switching: null }, 'first how things stand')

  let searching = true
  const answers: number[] = []
  const searches = (async () => {
    while (searching) answers.push((await find('picture')).status)
  })()
  t.equal((await client.call('POST', '/v1/models/use', { pack: 'tiny', captions: 'redo' })).status, 202)
  const late = (await client.upload(await coloured('red', 20), 'late.png')).body
  const news = () => told.messages.filter(isToldOf).map(({ payload }) => payload)
  await told.until((message) => isToldOf(message) && message.payload.active === 'tiny')
  t.match(news().at(-1), { active: 'tiny', switching: null }, 'the last of it')
  const states = news().flatMap(({ switching }) => (switching as ModelPacks['switching'])?.state ?? [])
  t.same([...new Set(states)], ['opening', 'embedding'])
  t.notOk(toldBob.messages.some(isToldOf), 'it is for administrators')
  for (const { socket } of [told, toldBob]) socket.close()
  await switched(t, 'tiny')
  searching = false
  await searches
  t.ok(answers.length > 0)
  t.same([...new Set(answers)], [200], 'no search failed')

  await client.developed(late.id)
  const { body } = await find('red')
  t.same(
    body.hits
      .filter(({ signals }) => signals.picture !== undefined)
      .map(({ upload }) => upload.filename)
      .sort(),
    ['0.png', '3.png', '6.png', 'late.png'],
    'what was developed before and meanwhile is found by its picture',
  )
  const described = await Promise.all(uploads.map(descriptionOf))
  t.equal(described[0], 'My own words.', 'words of the owner stay')
  t.ok(described.slice(1).every((text) => Object.values<string | null>(TINY_CAPTIONS).includes(text)))
  t.equal((await find('mat')).body.hits.length > 0, true, 'new words are found')

  const forgotten = await client.call<{ deleted: number }>('DELETE', '/v1/models/other-vectors')
  t.ok(forgotten.body.deleted >= 9)
  t.equal((await client.call<{ deleted: number }>('DELETE', '/v1/models/other-vectors')).body.deleted, 0)
})

t.test('a pack that cannot be opened changes nothing and says why', async (t) => {
  await install('broken', { kind: 'clip' })
  await rm(join(dataDir, 'models/broken/clip/tokenizer.json'))
  t.match(await client.call('POST', '/v1/models/use', { pack: 'large' }), {
    status: 409,
    body: { code: 'MODEL_PACK_NOT_INSTALLED' },
  })
  await writeSelection(dataDir, { pack: 'broken', captions: 'keep' })
  await until(async () => (await status()).switching?.state === 'failed')
  t.match(await status(), { active: 'tiny', switching: { state: 'failed', error: /tokenizer\.json/ } })
  t.equal((await find('picture')).status, 200)

  const other = await openClient(client.address, 'bob')
  t.match(await other.call('GET', '/v1/models'), { status: 403, body: { code: 'ADMINISTRATOR_REQUIRED' } })
})

t.test('a change of pack is told by a file, survives a restart, and leaves out what cannot be read', async (t) => {
  await install('other', { kind: 'siglip' })
  const [first, second] = uploads
  const me = await client.call<{ user: { id: string } }>('GET', '/v1/auth/me')
  await rm(join(dataDir, 'media', me.body.user.id, first?.id ?? ''), { recursive: true })
  const before = await descriptionOf(second)
  await server.stop()

  await writeSelection(dataDir, { pack: 'other', captions: 'keep' })
  await (await start()).stop()
  server = await start()
  client = server.client
  await switched(t, 'other')
  const { body } = await find('blue')
  t.equal(body.hits.filter(({ signals }) => signals.picture !== undefined).length, 3)
  t.equal(await descriptionOf(second), before)

  await writeSelection(dataDir, { pack: 'basic', captions: 'keep' })
  await switched(t, 'basic')
  await server.stop()
})
