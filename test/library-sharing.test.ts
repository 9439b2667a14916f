import { createHash } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import sharp, { type Sharp } from 'sharp'
import t from 'tap'
import type { Album, AlbumMembers } from '#src/schemas/albums.js'
import type { Archive } from '#src/schemas/archives.js'
import type { BatchDetail } from '#src/schemas/batches.js'
import type { DuplicateList } from '#src/schemas/duplicates.js'
import type { BulkResult, Upload } from '#src/schemas/uploads.js'
import type { ManagedUser } from '#src/schemas/users.js'
import { createArchiveNames } from '#src/services/archive-names.js'
import { startApp } from './helpers/app.ts'
import { type Client, openClient } from './helpers/client.ts'
import { type Bytes, photo, picture } from './helpers/samples.ts'
import { readZip } from './helpers/zip.ts'

const { address, dataDir } = await startApp(t)
const root = await openClient(address, 'root')
const ann = await openClient(address, 'ann')
const bob = await openClient(address, 'bob')

const userOf = async (client: Client) =>
  (await client.call<{ user: { id: string } }>('GET', '/v1/auth/me')).body.user.id
const keep = async (client: Client, number: number, name?: string) =>
  (await client.upload(await picture(number), name)).body

const prepare = (client: Client, body: object) => client.call<Archive>('POST', '/v1/archives', body)
const archiveOf = async (client: Client, body: object) => client.bytes((await prepare(client, body)).body.links.file)

t.test('an archive holds the originals under names that every system takes', async (t) => {
  const names = ['boats.png', 'boats.png', 'Boats.png', 'ünïcode 写真 🌅.png', 'a:b*c?.png']
  const uploads: Upload[] = []
  for (const [index, name] of names.entries()) uploads.push(await keep(ann, index, name))
  const foreign = await keep(bob, 1)
  await ann.call('PATCH', `/v1/uploads/${uploads[0]?.id}`, { taken_at: '1999-12-31T12:00:00Z' })

  const upload_ids = [...uploads.map(({ id }) => id), foreign.id]
  const answer = await archiveOf(ann, { upload_ids })
  t.equal(answer.status, 200)
  t.equal(answer.headers.get('content-type'), 'application/zip')
  t.match(answer.headers.get('content-disposition'), /^attachment; filename="darkroom.zip"/)
  const entries = readZip(Buffer.from(await answer.arrayBuffer()))
  t.same(
    entries.map(({ name }) => name),
    ['boats.png', 'boats (2).png', 'Boats (3).png', 'ünïcode 写真 🌅.png', 'a_b_c_.png', 'missing.txt'],
  )
  t.same(
    entries.slice(0, 5).map(({ bytes }) => createHash('sha256').update(bytes).digest('hex')),
    uploads.map(({ sha256 }) => sha256),
  )
  t.equal(entries[0]?.year, 1999, 'with the time it was taken')
  t.match(entries[5]?.bytes.toString(), foreign.id, 'what is not there is named')
  t.equal((await prepare(ann, { upload_ids: [foreign.id] })).status, 404)
  t.equal((await prepare(ann, { upload_ids: Array.from({ length: 1001 }, () => foreign.id) })).status, 400)

  const [first] = uploads
  await rm(join(dataDir, 'media', await userOf(ann), first?.id ?? '', 'original.png'))
  const without = readZip(
    Buffer.from(await (await archiveOf(ann, { upload_ids: upload_ids.slice(0, 2) })).arrayBuffer()),
  )
  t.same(
    without.map(({ name }) => name),
    ['boats.png', 'missing.txt'],
  )
  t.equal((await keep(ann, 0)).id, first?.id, 'handing it over again puts the file back')
})

t.test('an archive is downloaded by its address, which is nobody else’s', async (t) => {
  const { id } = await keep(ann, 20, 'boats.png')
  const { body: archive } = await prepare(ann, { upload_ids: [id] })
  t.match(archive, { filename: 'darkroom.zip', links: { file: `/v1/archives/${archive.id}` } })
  t.ok(Date.parse(archive.expires_at) > Date.now())
  const cookie = `darkroom_access=${ann.token}`
  for (const _time of ['once', 'and again']) {
    const answer = await fetch(address + archive.links.file, { headers: { cookie } })
    t.match(readZip(Buffer.from(await answer.arrayBuffer())), [{ name: 'boats.png' }], 'a link of the page opens it')
  }
  const head = await fetch(address + archive.links.file, { method: 'HEAD', headers: { cookie } })
  t.equal(head.headers.get('content-type'), 'application/zip')
  t.match(await bob.call('GET', archive.links.file), { status: 404, body: { code: 'ARCHIVE_NOT_FOUND' } })
  t.equal((await fetch(address + archive.links.file)).status, 401)
  await ann.call('DELETE', `/v1/uploads/${id}`)
  t.match(await ann.call('GET', archive.links.file), { status: 404, body: { code: 'UPLOAD_NOT_FOUND' } })
})

t.test('a file is offered under its own name, whatever that is', async (t) => {
  const { id } = await keep(ann, 10, 'ünïcode 写真 🌅 (1)*%.png')
  const header = (await ann.bytes(`/v1/uploads/${id}/file`)).headers.get('content-disposition') ?? ''
  t.match(header, /^attachment; filename="[\x20-\x7e]+"; filename\*=UTF-8''[\w%.~!#$&+^`|-]+$/)
  t.equal(decodeURIComponent(header.split("''")[1] ?? ''), 'ünïcode 写真 🌅 (1)*%.png')
})

t.test('names in an archive come once, also those that look like numbered ones', async (t) => {
  const names = createArchiveNames(['missing.txt'])
  const given = [
    'a.jpg',
    'a.jpg',
    'a (2).jpg',
    'A.JPG',
    'a.jpg',
    'missing.txt',
    '.hidden',
    '.hidden',
    'CON.png',
    '..',
    'x. ',
  ]
  const taken = given.map(names.take)
  t.equal(new Set(taken.map((name) => name.toLowerCase())).size, given.length)
  t.same(taken.slice(0, 3), ['a.jpg', 'a (2).jpg', 'a (2) (2).jpg'])
  t.same(taken.slice(5), ['missing (2).txt', '.hidden', '.hidden (2)', 'CON_.png', 'unnamed', 'x'])
})

t.test('an album by hand keeps the order in which it was filled', async (t) => {
  const made = await ann.call<Album>('POST', '/v1/albums', { name: 'Summer / été' })
  t.match(made, { status: 201, body: { name: 'Summer / été', rule: null, count: 0, cover_id: null } })
  const path = `/v1/albums/${made.body.id}`
  const ids = [(await keep(ann, 22)).id, (await keep(ann, 20)).id, (await keep(ann, 21)).id]
  const foreign = (await keep(bob, 22)).id
  const added = await ann.call<BulkResult>('POST', `${path}/add`, { upload_ids: [...ids, foreign, ids[0]] })
  t.same(added.body, { changed: ids, not_found: [foreign] })
  await ann.call('POST', `${path}/add`, { upload_ids: [ids[1]] })

  const members = async (query = '') => (await ann.call<AlbumMembers>('GET', `${path}/uploads${query}`)).body
  t.same(
    (await members()).items.map(({ id }) => id),
    ids,
  )
  const page = await members('?limit=2')
  t.same(
    (await members(`?limit=2&cursor=${page.next_cursor}`)).items.map(({ id }) => id),
    ids.slice(2),
  )
  const other = await ann.call<Album>('POST', '/v1/albums', { name: 'Other' })
  t.equal((await ann.call('GET', `/v1/albums/${other.body.id}/uploads?cursor=${page.next_cursor}`)).status, 400)

  t.match((await ann.call('GET', path)).body, { count: 3, cover_id: ids[0] })
  t.match((await ann.call('PATCH', path, { cover_id: ids[2] })).body, { cover_id: ids[2], name: 'Summer / été' })
  t.equal((await ann.call('PATCH', path, { cover_id: foreign })).status, 404)
  await ann.call('DELETE', `/v1/uploads/${ids[2]}`)
  t.match((await ann.call('GET', path)).body, { count: 2, cover_id: ids[0] }, 'what is in the trash is not in an album')
  await ann.call('POST', `/v1/uploads/${ids[2]}/restore`)
  t.match((await ann.call('GET', path)).body, { count: 3, cover_id: ids[2] }, 'and comes back to its place')
  t.same(
    (await members()).items.map(({ id }) => id),
    ids,
  )

  const zip = await archiveOf(ann, { album_id: made.body.id })
  t.match(zip.headers.get('content-disposition'), "filename*=UTF-8''Summer%20%2F%20%C3%A9t%C3%A9.zip")
  t.equal(readZip(Buffer.from(await zip.arrayBuffer())).length, 3)

  t.same((await ann.call<BulkResult>('POST', `${path}/remove`, { upload_ids: [ids[0]] })).body.changed, [ids[0]])
  await ann.call('DELETE', `/v1/uploads/${ids[1]}?permanent=true`)
  t.match((await ann.call('GET', path)).body, { count: 1 })
  for (const [method, suffix, body] of [
    ['GET', '', undefined],
    ['PATCH', '', { name: 'x' }],
    ['GET', '/uploads', undefined],
    ['POST', '/add', { upload_ids: [foreign] }],
    ['DELETE', '', undefined],
  ] as const) {
    t.equal((await bob.call(method, path + suffix, body)).status, 404, `${method} ${suffix}`)
  }
  t.equal((await prepare(bob, { album_id: made.body.id })).status, 404)
  const { headers, body: archive } = await prepare(ann, { album_id: made.body.id })
  t.equal(headers.get('location'), archive.links.file)
  t.equal((await ann.call('DELETE', path)).status, 204)
  t.match(await ann.call('GET', archive.links.file), { status: 404, body: { code: 'ALBUM_NOT_FOUND' } })
  t.equal((await ann.call('GET', `/v1/uploads/${ids[0]}`)).status, 200, 'its uploads stay')
})

t.test('an album by rule is what its rule finds', async (t) => {
  const { id } = await keep(ann, 30)
  await ann.call('PATCH', `/v1/uploads/${id}`, { latitude: 47.1, longitude: 8.5 })
  const rule = { near: '47,8.5,50' }
  const { body: album } = await ann.call<Album>('POST', '/v1/albums', { name: 'Zug', rule })
  t.match(album, { rule, count: 1, cover_id: id })
  t.same(
    (await ann.call<AlbumMembers>('GET', `/v1/albums/${album.id}/uploads`)).body.items.map((upload) => upload.id),
    [id],
  )
  t.match(await ann.call('POST', `/v1/albums/${album.id}/add`, { upload_ids: [id] }), { status: 409 })
  await ann.call('PATCH', `/v1/uploads/${id}`, { latitude: null, longitude: null })
  t.match((await ann.call('GET', `/v1/albums/${album.id}`)).body, { count: 0, cover_id: null })
  t.equal((await ann.call('POST', '/v1/albums', { name: 'x', rule: { near: '99,0,1' } })).status, 400)
  const { body: list } = await ann.call<{ items: Album[] }>('GET', '/v1/albums')
  t.same(
    list.items.map(({ name }) => name),
    ['Zug', 'Other'],
  )
})

type Problem = { code: string; position?: number; detail: string }

t.test('an album by query holds what has its words, by all that a query can say', async (t) => {
  const fay = await openClient(address, 'fay')
  const texts = {
    night: 'A fishing boat in the harbour at night',
    dog: 'Two harbours and a dog in a boat',
    quay: 'A ship lies at the quay',
    other: 'The boat house',
  }
  const ids: Record<string, string> = {}
  for (const [index, [name, description]] of Object.entries(texts).entries()) {
    const { id } = await keep(fay, 60 + index, `${name}.png`)
    await fay.developed(id)
    const taken_at = `2020-01-0${index + 1}T00:00:00Z`
    await fay.call('PATCH', `/v1/uploads/${id}`, { description, taken_at })
    ids[name] = id
  }
  const make = (rule: object) => fay.call<Album & Problem>('POST', '/v1/albums', { name: 'by query', rule })
  const namesIn = async (id: string, query = '') =>
    (await fay.call<AlbumMembers>('GET', `/v1/albums/${id}/uploads${query}`)).body.items.map(({ filename }) => filename)
  const queries: [string, string[]][] = [
    ['harbour', ['dog.png', 'night.png']],
    ['harbour boats', ['dog.png', 'night.png']],
    ['boats the', ['other.png', 'dog.png', 'night.png']],
    ['the', ['other.png', 'quay.png', 'night.png']],
    ['harbour boat -dog', ['night.png']],
    ['harb', ['dog.png', 'night.png']],
    ['harb boat', []],
    ['"fishing boat"', ['night.png']],
    ['"boat fishing"', []],
    ['vessel', []],
    ['²', []],
    ['harbour ² night', ['night.png']],
    ['-harbour', ['other.png', 'quay.png']],
    ['boat after:2020-01-02 before:2020-01-04', ['dog.png']],
    ['type:photo type:video', []],
    ['type:photo', ['other.png', 'quay.png', 'dog.png', 'night.png']],
    ['  ', ['other.png', 'quay.png', 'dog.png', 'night.png']],
    ['q.'.repeat(250), []],
    [Array.from({ length: 62 }, (_, index) => `w${index}`).join(' '), []],
  ]
  for (const [query, names] of queries) {
    const { status, body } = await make({ query })
    t.equal(status, 201, query)
    t.match(body, { rule: { query }, count: names.length }, query)
    t.equal(body.cover_id, names[0] === undefined ? null : ids[names[0].replace('.png', '')], query)
    t.same(await namesIn(body.id), names, query)
  }

  t.equal((await fay.call('POST', '/v1/search', { query: 'harbour ² night' })).status, 200)

  const { body: album } = await make({ query: 'boat', taken_before: '2020-01-03T00:00:00Z' })
  t.same(await namesIn(album.id), ['dog.png', 'night.png'], 'the filters of the rule hold as well')
  const path = `/v1/albums/${album.id}`
  const { body: page } = await fay.call<AlbumMembers>('GET', `${path}/uploads?limit=1`)
  t.same(await namesIn(album.id, `?cursor=${page.next_cursor}`), ['night.png'])
  const unknown = '?query=quay&file_type=video&show_hidden=true'
  t.same(await namesIn(album.id, unknown), ['dog.png', 'night.png'], 'who reads does not change the rule')
  const zip = readZip(Buffer.from(await (await archiveOf(fay, { album_id: album.id })).arrayBuffer()))
  t.same(
    zip.map(({ name }) => name),
    ['dog.png', 'night.png'],
  )
  t.match(await fay.call('POST', `${path}/add`, { upload_ids: [ids.quay] }), {
    status: 409,
    body: { code: 'ALBUM_HAS_RULE' },
  })

  await fay.call('PATCH', `/v1/uploads/${ids.dog}`, { hidden: true })
  t.same(await namesIn(album.id), ['night.png'])
  t.same(await namesIn((await make({ query: 'is:hidden boat' })).body.id), ['dog.png'])
  t.match((await make({ query: 'boat', show_hidden: true })).body, { count: 3 })
  await fay.call('PATCH', `/v1/uploads/${ids.night}`, { description: 'Nothing to see' })
  t.match((await fay.call('GET', path)).body, { count: 0, cover_id: null }, 'what has the words no more is not in it')
  t.match((await fay.call('PATCH', path, { rule: { query: 'house' } })).body, { rule: { query: 'house' }, count: 1 })
  t.equal((await fay.call('GET', `${path}/uploads?cursor=${page.next_cursor}`)).status, 400, 'a cursor of another rule')

  for (const query of ['boat type:film', '-camera:canon', 'colour:red', `${'a '.repeat(64)}b`]) {
    const asked = await fay.call<Problem>('POST', '/v1/search', { query })
    t.match(asked, { status: 400, body: { code: 'QUERY_INVALID', position: Number } })
    const { code, position, detail } = asked.body
    t.match(await make({ query }), { status: 400, body: { code, position, detail } }, query)
    t.match(
      await fay.call('PATCH', path, { rule: { query } }),
      { status: 400, body: { code, position, detail } },
      query,
    )
  }
  t.equal((await make({ query: 'x'.repeat(501) })).status, 400)
  t.equal((await make({ query: 'x', words: 'y' })).status, 400)
})

t.test('a kept search becomes an album, and stays as it was then', async (t) => {
  const { id } = await keep(ann, 70, 'comet.png')
  await ann.developed(id)
  const kept = { name: 'Sky', query: 'comets -moon', filter: { file_type: 'image' } }
  const { body: search } = await ann.call<{ id: string }>('POST', '/v1/searches', kept)
  const make = (client: Client, more: object) => client.call<Album>('POST', '/v1/albums', { name: 'Sky', ...more })
  const { status, body: album } = await make(ann, { search_id: search.id })
  t.equal(status, 201)
  t.match(album, { rule: { query: kept.query, file_type: 'image' }, count: 1, cover_id: id })
  await ann.call('PATCH', `/v1/searches/${search.id}`, { query: 'moon' })
  t.match((await ann.call('GET', `/v1/albums/${album.id}`)).body, { rule: { query: kept.query }, count: 1 })
  t.equal((await make(ann, { search_id: search.id, rule: { query: 'x' } })).status, 400)
  t.match(await make(bob, { search_id: search.id }), { status: 404, body: { code: 'SAVED_SEARCH_NOT_FOUND' } })
  await ann.call('DELETE', `/v1/searches/${search.id}`)
  t.match(await make(ann, { search_id: search.id }), { status: 404, body: { code: 'SAVED_SEARCH_NOT_FOUND' } })
  t.match((await ann.call('GET', `/v1/albums/${album.id}`)).body, { count: 1 })
})

t.test('only the administrator sees and changes accounts', async (t) => {
  const bobId = await userOf(bob)
  t.match(await ann.call('GET', '/v1/users'), { status: 403, body: { code: 'ADMINISTRATOR_REQUIRED' } })
  t.equal((await ann.call('PATCH', `/v1/users/${bobId}`, { disabled: true })).status, 403)
  const { body } = await root.call<{ items: ManagedUser[]; next_cursor: string }>('GET', '/v1/users?limit=2')
  t.match(body.items, [{ username: 'root', role: 'administrator', disabled: false }, { username: 'ann' }])
  const next = await root.call<{ items: ManagedUser[] }>('GET', `/v1/users?limit=2&cursor=${body.next_cursor}`)
  t.match(next.body.items, [{ id: bobId, quota_bytes: null, uploads: 2 }])
  t.equal((await root.call('PATCH', `/v1/users/${await userOf(root)}`, { disabled: true })).status, 400)
  t.equal((await root.call('PATCH', '/v1/users/01900000-0000-7000-8000-000000000000', { disabled: true })).status, 404)
})

t.test('a quota refuses each file that is too much, and takes those that are there already', async (t) => {
  const carl = await openClient(address, 'carl')
  const path = `/v1/users/${await userOf(carl)}`
  const [one, two, three] = [await picture(40), await picture(41), await picture(42)]
  const unlimited = await carl.upload(await picture(43))
  t.equal(unlimited.status, 201, 'without a quota')
  await carl.call('DELETE', `/v1/uploads/${unlimited.body.id}`)
  await carl.call('DELETE', '/v1/trash')
  t.match((await root.call('PATCH', path, { quota_files: 2 })).body, { quota_files: 2, quota_bytes: null })
  const { body } = await carl.batch([
    ['one.png', one],
    ['two.png', two],
    ['three.png', three],
    ['again.png', one],
  ])
  t.match(
    body.items.map(({ verdict, error_code }) => [verdict, error_code]),
    [
      ['accepted', null],
      ['accepted', null],
      ['rejected', 'QUOTA_EXCEEDED'],
      ['duplicate', null],
    ],
  )
  t.match(await carl.upload(three), { status: 507, body: { code: 'QUOTA_EXCEEDED' } })
  const [first] = (await carl.call<BatchDetail>('GET', `/v1/batches/${body.batch.id}`)).body.items
  await carl.call('DELETE', `/v1/uploads/${first?.upload_id}`)
  t.equal((await carl.upload(three)).status, 507, 'what is in the trash still takes room')
  await carl.call('DELETE', '/v1/trash')
  t.equal((await carl.upload(three)).status, 201)

  await root.call('PATCH', path, { quota_files: null, quota_bytes: two.length + three.length + one.length - 1 })
  t.equal((await carl.upload(one)).status, 507)
  t.equal((await carl.upload(two)).status, 200)
  t.match((await carl.call('GET', '/v1/usage')).body, { uploads: 2, quota: { files: null } })
  const big = new Uint8Array(two.length + three.length + 1000)
  big.set(one)
  t.match(await carl.upload(big), { status: 507 }, 'a file that cannot fit is not taken to its end')
})

t.test('a disabled account can do nothing from that moment, and everything again when it is enabled', async (t) => {
  const dora = await openClient(address, 'dora')
  const { body: key } = await dora.call<{ key: string }>('POST', '/v1/api-keys', { name: 'k', scopes: ['read'] })
  const withKey = () => fetch(`${address}/v1/uploads`, { headers: { 'x-api-key': key.key } })
  const watch = await dora.watch()
  const annWatch = await ann.watch()
  const path = `/v1/users/${await userOf(dora)}`
  t.match((await root.call('PATCH', path, { disabled: true })).body, { disabled: true })
  t.equal((await dora.call('GET', '/v1/uploads')).status, 401)
  t.equal((await withKey()).status, 401)
  t.same(await watch.closed, { code: 4003 })
  t.equal(annWatch.socket.readyState, annWatch.socket.OPEN, 'nobody else is cut off')
  annWatch.socket.close()
  t.match((await root.call('PATCH', path, { disabled: false })).body, { disabled: false })
  t.equal((await withKey()).status, 200)
})

t.test('altered copies are found, settled or dismissed, and forgotten with the trash', async (t) => {
  const eve = await openClient(address, 'eve')
  const original = await photo('nagasaki-boats')
  const alter = async (change: (image: Sharp) => Sharp) =>
    new Uint8Array(await change(sharp(original)).toBuffer()) as Bytes
  const files = [
    original,
    await alter((image) => image.resize({ width: 500 }).jpeg({ quality: 50 })),
    await alter((image) => image.modulate({ brightness: 1.1 }).webp({ quality: 70 })),
    await photo('french-alpine-landscape'),
  ]
  const ids: string[] = []
  for (const bytes of files) ids.push((await eve.upload(bytes)).body.id)
  for (const id of ids) t.equal((await eve.developed(id)).status, 'completed')
  const groups = async () => {
    const { body } = await eve.call<DuplicateList>('GET', '/v1/duplicates')
    return body.items.map(({ uploads }) => uploads.map(({ id }) => id))
  }
  t.same(await groups(), [ids.slice(0, 3)])

  const [keep_id, second, third] = ids
  const resolve = (body: object, client = eve) => client.call('POST', '/v1/duplicates/resolve', body)
  t.equal((await resolve({ keep_id, trash_ids: [second] }, ann)).status, 404)
  t.match((await resolve({ keep_id, trash_ids: [second] })).body, { trashed: [second], not_found: [] })
  t.same(await groups(), [[keep_id, third]])
  t.match((await resolve({ not_duplicates: [keep_id, third] })).body, { dismissed: 1 })
  t.same(await groups(), [])
  await eve.call('POST', `/v1/uploads/${third}/regenerate-description`)
  await eve.developed(third ?? '')
  t.same(await groups(), [], 'it is remembered')
  await eve.call('POST', `/v1/uploads/${second}/restore`)
  t.same(await groups(), [ids.slice(0, 3)], 'what comes back is a copy again')
})
