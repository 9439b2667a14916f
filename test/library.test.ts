import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import type { BatchDetail } from '#src/schemas/batches.js'
import type { SearchResult } from '#src/schemas/search.js'
import type { TrashList } from '#src/schemas/trash.js'
import type { BulkResult, Upload } from '#src/schemas/uploads.js'
import type { Usage } from '#src/schemas/usage.js'
import { startApp } from './helpers/app.ts'
import { type Client, openClient } from './helpers/client.ts'
import { photo, picture } from './helpers/samples.ts'

const { address, dataDir } = await startApp(t)
const ann = await openClient(address, 'ann')
const bob = await openClient(address, 'bob')

const idOf = async (client: Client) => (await client.call<{ user: { id: string } }>('GET', '/v1/auth/me')).body.user.id
const listIds = async (client: Client, query = '') =>
  (await client.call<{ items: Upload[] }>('GET', `/v1/uploads?limit=200${query}`)).body.items.map(({ id }) => id)
const trashOf = async (client: Client) => (await client.call<TrashList>('GET', '/v1/trash')).body.items
const usageOf = async (client: Client) => (await client.call<Usage>('GET', '/v1/usage')).body
const find = async (client: Client, query: string) =>
  (await client.call<SearchResult>('POST', '/v1/search', { query })).body.hits?.map(({ upload }) => upload.id)

async function keep(client: Client, number: number, name?: string): Promise<Upload> {
  const { body } = await client.upload(await picture(number), name)
  return client.developed(body.id)
}

t.test('what is deleted is in the trash and nowhere else, until it comes back', async (t) => {
  const kept = await keep(ann, 1, 'umbrella.png')
  t.same(await find(ann, 'umbrella'), [kept.id])
  t.equal((await ann.call('DELETE', `/v1/uploads/${kept.id}`)).status, 204)

  for (const path of ['', '/file', '/metadata', '/stages']) {
    t.equal((await ann.bytes(`/v1/uploads/${kept.id}${path}`)).status, 404, `GET ${path}`)
  }
  for (const [method, path, body] of [
    ['PATCH', '', { hidden: true }],
    ['DELETE', '', undefined],
    ['POST', '/regenerate-description', undefined],
  ] as const) {
    t.equal((await ann.call(method, `/v1/uploads/${kept.id}${path}`, body)).status, 404, `${method} ${path}`)
  }
  t.same(await listIds(ann), [])
  t.same(await find(ann, 'umbrella'), [])
  for (const name of ['thumbnail', 'preview']) {
    t.equal((await ann.bytes(`/v1/uploads/${kept.id}/${name}`)).status, 200, 'its owner sees what it was')
    t.equal((await bob.bytes(`/v1/uploads/${kept.id}/${name}`)).status, 404)
  }
  const [item] = await trashOf(ann)
  t.match(item, { upload: { id: kept.id }, trashed_at: String, expires_at: String })
  t.equal(Date.parse(item?.expires_at ?? '') - Date.parse(item?.trashed_at ?? ''), 30 * 86_400_000)

  t.same(await trashOf(bob), [])
  t.equal((await bob.call('POST', `/v1/uploads/${kept.id}/restore`)).status, 404)
  const back = await ann.call<Upload>('POST', `/v1/uploads/${kept.id}/restore`)
  t.match(back, { status: 200, body: { id: kept.id, status: 'completed' } })
  t.same(await find(ann, 'umbrella'), [kept.id])
  t.equal((await ann.bytes(`/v1/uploads/${kept.id}/file`)).status, 200)
  t.same(await trashOf(ann), [])
})

t.test('the same bytes again bring an upload back from the trash', async (t) => {
  const kept = await keep(ann, 2)
  await ann.call('DELETE', `/v1/uploads/${kept.id}`)
  t.match(await ann.upload(await picture(2)), { status: 200, body: { id: kept.id } })
  t.same(await trashOf(ann), [])

  await ann.call('DELETE', `/v1/uploads/${kept.id}`)
  const { body } = await ann.batch([['again.png', await picture(2)]])
  t.match(body.items, [{ verdict: 'duplicate', upload_id: kept.id }])
  t.ok((await listIds(ann)).includes(kept.id))
})

t.test('past the trash, and by emptying it, uploads and their files are gone for good', async (t) => {
  const folders = async () => readdir(join(dataDir, 'media', await idOf(ann)))
  const [one, two] = [await keep(ann, 3), await keep(ann, 4)]
  await ann.call('DELETE', `/v1/uploads/${one.id}?permanent=true`)
  t.notOk((await folders()).includes(one.id))
  await ann.call('DELETE', `/v1/uploads/${two.id}`)
  t.ok((await folders()).includes(two.id))
  t.match(await bob.call('DELETE', '/v1/trash'), { status: 200, body: { removed: 0 } })
  t.match(await ann.call('DELETE', '/v1/trash'), { status: 200, body: { removed: 1 } })
  t.notOk((await folders()).includes(two.id))
  t.equal((await ann.call('POST', `/v1/uploads/${two.id}/restore`)).status, 404)
})

t.test('up to a hundred uploads are hidden, put away and brought back at once, each with its result', async (t) => {
  const [one, two] = [await keep(ann, 5), await keep(ann, 6)]
  const foreign = await keep(bob, 5)
  const upload_ids = [one.id, foreign.id, two.id, one.id]
  const expected = { changed: [one.id, two.id], not_found: [foreign.id] }
  for (const path of ['hide', 'delete', 'restore']) {
    const { status, body } = await ann.call<BulkResult>('POST', `/v1/uploads/bulk/${path}`, { upload_ids })
    t.equal(status, 200)
    t.same(body, expected, path)
  }
  t.same(await listIds(bob), [foreign.id])
  const tooMany = { upload_ids: Array.from({ length: 101 }, () => one.id) }
  t.equal((await ann.call('POST', '/v1/uploads/bulk/restore', tooMany)).status, 400)
})

t.test('what is put away while it waits or is developed stops, and goes on when it comes back', async (t) => {
  const photos = [
    await photo('nagasaki-boats'),
    await photo('french-alpine-landscape'),
    await photo('airplane-from-above'),
  ]
  const names = ['boats.jpg', 'alps.jpg', 'plane.jpg']
  const { body } = await bob.batch(photos.map((bytes, index) => [names[index] ?? '', bytes] as const))
  const ids = body.items.flatMap(({ upload_id }) => upload_id ?? [])
  await bob.call('POST', '/v1/uploads/bulk/delete', { upload_ids: ids.slice(0, 2) })
  const over = await bob.finished(body.batch.id)
  t.match(over.batch, { status: 'completed', counts: { total: 3, waiting: 0, deleted: 2, succeeded: 1 } })
  t.same(
    over.items.map(({ upload_id, outcome }) => [upload_id, outcome]),
    [
      [null, 'deleted'],
      [null, 'deleted'],
      [ids[2], 'succeeded'],
    ],
  )
  await bob.call('POST', '/v1/uploads/bulk/restore', { upload_ids: ids })
  for (const id of ids) t.match(await bob.developed(id), { status: 'completed', error_code: null })
  const { body: again } = await bob.call<BatchDetail>('GET', `/v1/batches/${body.batch.id}`)
  t.same(
    again.items.map(({ upload_id }) => upload_id),
    ids,
  )
})

t.test('what its owner says of an upload is found at once and outlasts developing it again', async (t) => {
  const { body } = await ann.upload(await photo('locomotion-house-cat'), 'pet.jpg')
  const before = await ann.developed(body.id)
  const path = `/v1/uploads/${body.id}`
  const mine = {
    description: 'Grandmother Ottilie asleep under the walnut tree',
    taken_at: '1987-06-05T04:03:02.000Z',
    latitude: 47.5,
    longitude: -3.25,
  }
  const edited = await ann.call<Upload>('PATCH', path, mine)
  t.match(edited, { status: 200, body: { ...mine, status: 'completed', edited: ['description', 'taken_at', 'place'] } })
  t.same(await find(ann, 'Ottilie'), [body.id])
  t.ok((await find(ann, 'grandparent'))?.includes(body.id), 'by meaning, too')

  await ann.call('POST', `${path}/regenerate-description`)
  t.match(await ann.developed(body.id), mine)
  const { body: batch } = await ann.call<BatchDetail>('POST', '/v1/batches', { upload_ids: [body.id] })
  await ann.finished(batch.batch.id)
  t.match((await ann.call('GET', path)).body, mine)
  t.same(await find(ann, 'Ottilie'), [body.id])

  const cleared = { description: null, taken_at: null, latitude: null, longitude: null }
  const { body: reset } = await ann.call<Upload>('PATCH', path, cleared)
  const { description, taken_at, latitude, longitude } = before
  t.match(reset, { description, taken_at, latitude, longitude, edited: [] })
  t.same(await find(ann, 'Ottilie'), [])

  t.equal((await ann.call('PATCH', path, { latitude: 1 })).status, 400, 'half a place')
  t.equal((await ann.call('PATCH', path, { filename: 'other.jpg' })).status, 400, 'names are kept')
  t.equal((await bob.call('PATCH', path, { hidden: true })).status, 404)
})

t.test('a description that is written while the upload is developed is the one that stays', async (t) => {
  const { body } = await bob.upload(await photo('locomotion-house-cat'), 'pet.jpg')
  const description = 'Wenceslas the tabby'
  t.equal((await bob.call('PATCH', `/v1/uploads/${body.id}`, { description })).status, 200)
  t.match(await bob.developed(body.id), { description, status: 'completed', attempts: 1 })
  t.same(await find(bob, 'Wenceslas'), [body.id])
  const { body: reset } = await bob.call<Upload>('PATCH', `/v1/uploads/${body.id}`, { description: null })
  t.not(reset.description, description)
})

t.test('usage counts what is kept, with the trash apart', async (t) => {
  const cara = await openClient(address, 'cara')
  t.match(await usageOf(cara), { uploads: 0, original_bytes: 0, trash: { uploads: 0 }, quota: { bytes: null } })
  const [one, two] = [await keep(cara, 7), await keep(cara, 8)]
  t.match(await usageOf(cara), { uploads: 2, original_bytes: one.file_size + two.file_size })
  t.ok((await usageOf(cara)).rendition_bytes > 0)
  await cara.call('DELETE', `/v1/uploads/${two.id}`)
  t.match(await usageOf(cara), {
    uploads: 1,
    original_bytes: one.file_size,
    trash: { uploads: 1, original_bytes: two.file_size },
  })
  await cara.call('DELETE', '/v1/trash')
  await cara.call('DELETE', `/v1/uploads/${one.id}?permanent=true`)
  t.same(await usageOf(cara), {
    uploads: 0,
    original_bytes: 0,
    rendition_bytes: 0,
    trash: { uploads: 0, original_bytes: 0 },
    quota: { bytes: null, files: null },
  })
})
