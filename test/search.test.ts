import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { pino } from 'pino'
import sharp from 'sharp'
import t from 'tap'
import { createSearchStore, type Found } from '#src/db/search.js'
import { createSnippetStore } from '#src/db/search-snippets.js'
import { createSuggestionStore } from '#src/db/search-suggestions.js'
import { COMPARED_MAX, SKETCHED_DEPTH_MAX, sketchesFor } from '#src/db/search-vectors.js'
import { sketchOldVectors } from '#src/db/sketched-vectors.js'
import type { UploadConditions } from '#src/db/upload-filter.js'
import { createUploadStore } from '#src/db/uploads.js'
import { insertEmbeddings } from '#src/db/vectors.js'
import { AppError } from '#src/errors.js'
import type { SavedSearch } from '#src/schemas/saved-searches.js'
import type { SearchBatchResult, SearchResult, SearchStats, SuggestionList } from '#src/schemas/search.js'
import { createSearchService } from '#src/services/search.js'
import { toSnippet } from '#src/services/search-snippets.js'
import { createVectors, fillLibrary } from '../bench/fill-library.ts'
import { startApp } from './helpers/app.ts'
import { form, openClient } from './helpers/client.ts'
import { openTestDatabase, silent } from './helpers/database.ts'
import { photo, picture } from './helpers/samples.ts'

/** Videos of one user, with many frames each. */
const FILMS = 100

type Problem = { code: string; detail: string; position?: number }

t.test('a library in a real server', async (t) => {
  const lines: string[] = []
  const sink = new Writable({
    write(chunk, _encoding, done) {
      lines.push(String(chunk))
      done()
    },
  })
  const { address, dataDir } = await startApp(t, {}, pino({ level: 'debug' }, sink))
  const ann = await openClient(address, 'ann')
  const bob = await openClient(address, 'bob')
  const search = (query: string, more: object = {}) =>
    ann.call<SearchResult & Problem>('POST', '/v1/search', { query, ...more }).then(({ body }) => body)
  const names = ({ hits }: SearchResult) => hits.map(({ upload }) => upload.filename)

  const given = [
    ['Old Harbour 1890.jpg', await photo('nagasaki-boats')],
    ['cat.jpg', await photo('locomotion-house-cat')],
    ['cat on the roof.jpg', await picture(1)],
    ['roof of the cathedral.png', await picture(2)],
    ['dogs.png', await picture(3)],
  ] as const
  const ids = new Map<string, string>()
  for (const [name, bytes] of given) ids.set(name, (await ann.upload(bytes, name)).body.id)
  for (const id of ids.values()) await ann.developed(id)
  const idOf = (name: string) => ids.get(name) ?? ''

  await t.test('words are found by their stems, the last one by its beginning, and each hit says why', async (t) => {
    t.same(names(await search('dog')), ['dogs.png'])
    t.same(names(await search('cathed')), ['roof of the cathedral.png'])
    const { hits, total_found, total_is_exact } = await search('old harbours')
    t.equal(hits[0]?.upload.filename, 'Old Harbour 1890.jpg')
    t.same(hits[0]?.snippet, {
      field: 'filename',
      text: 'Old Harbour 1890 jpg',
      matches: [
        { start: 0, end: 3 },
        { start: 4, end: 11 },
      ],
    })
    t.equal(total_found, hits.length)
    t.equal(total_is_exact, true)
  })

  await t.test('a whole file name, with its ending or without, and an exact phrase come first', async (t) => {
    t.equal((await search('cat'))?.hits[0]?.upload.filename, 'cat.jpg')
    t.equal((await search('CAT.JPG')).hits[0]?.upload.filename, 'cat.jpg')
    const { hits } = await search('the roof')
    t.equal(hits[0]?.upload.filename, 'cat on the roof.jpg')
    t.ok(hits[0]?.signals.exact !== undefined && hits[1]?.signals.exact === undefined)
    t.ok((hits[0]?.score ?? 0) > 2 * (hits[1]?.score ?? 1))
  })

  await t.test('quotes must be there, a minus must not, whatever signal finds it', async (t) => {
    t.same(names(await search('"the cathedral"')), ['roof of the cathedral.png'])
    t.same(names(await search('"cathedral the"')), [])
    t.notOk(names(await search('boats -harbour')).includes('Old Harbour 1890.jpg'))
    t.ok(names(await search('boats')).includes('Old Harbour 1890.jpg'))
  })

  await t.test('filters of the query and of the body hold together; alone they list the newest first', async (t) => {
    t.same(names(await search('type:image larger:20kb')).sort(), ['Old Harbour 1890.jpg', 'cat.jpg'])
    t.same(names(await search('roof type:video')), [])
    t.same(names(await search('type:image', { file_type: 'video' })), [])
    const all = await search('type:photo')
    t.same(names(all), [...given].map(([name]) => name).reverse())
    t.equal(all.total_found, 5)
    t.same(names(await search('is:square')).sort(), ['cat on the roof.jpg', 'dogs.png', 'roof of the cathedral.png'])
  })

  await t.test('a query that is not understood is told where', async (t) => {
    const { status, body } = await ann.call<Problem>('POST', '/v1/search', { query: 'roof type:film' })
    t.equal(status, 400)
    t.match(body, { code: 'QUERY_INVALID', position: 10, detail: /Character 11 .*image or video/ })
    t.equal((await ann.call('POST', '/v1/search', { query: 'x', near: '99,0,1' })).status, 400)
    t.equal((await ann.call('POST', '/v1/search', { query: 'x', unknown: 1 })).status, 400)
  })

  await t.test('pages follow one another, and a cursor goes with its query', async (t) => {
    for (const query of ['roof cat dogs', 'type:image']) {
      const all = await search(query)
      const seen: string[] = []
      const ranks: number[] = []
      let cursor: string | null = null
      do {
        const page: SearchResult = await search(query, { limit: 1, ...(cursor === null ? {} : { cursor }) })
        seen.push(...names(page))
        ranks.push(...page.hits.map(({ rank }) => rank))
        t.equal(page.total_found, all.total_found)
        t.notMatch(cursor === null ? '' : Buffer.from(cursor, 'base64url').toString(), /roof|image/, 'says nothing')
        cursor = page.next_cursor
      } while (cursor !== null)
      t.same(seen, names(all), query)
      t.same(
        ranks,
        all.hits.map(({ rank }) => rank),
      )
    }
    const { next_cursor: cursor } = await search('roof cat dogs', { limit: 1 })
    for (const other of [{ query: 'roof cat' }, { query: 'roof cat dogs', file_type: 'image' }]) {
      t.match(await ann.call('POST', '/v1/search', { ...other, cursor }), {
        status: 400,
        body: { code: 'CURSOR_INVALID' },
      })
    }
  })

  await t.test('a picture that is not an upload finds what looks like it, and is not kept', async (t) => {
    const smaller = new Uint8Array(
      await sharp(await photo('locomotion-house-cat'))
        .resize(400)
        .png()
        .toBuffer(),
    )
    const { status, body } = await ann.call<SearchResult>(
      'POST',
      '/v1/search/image?limit=2',
      form([['q.png', smaller]]),
    )
    t.equal(status, 200)
    t.equal(body.hits[0]?.upload.filename, 'cat.jpg')
    t.ok((body.hits[0]?.score ?? 0) > 0.9)
    const none = await ann.call<SearchResult>('POST', '/v1/search/image?file_type=video', form([['q.png', smaller]]))
    t.same(none.body.hits, [])
    const wrong = [
      [form([]), 400, 'UPLOAD_NO_FILE'],
      [
        form([
          ['a.png', smaller],
          ['b.png', smaller],
        ]),
        400,
        'UPLOAD_SEVERAL_FILES',
      ],
      [form([['a.png', new Uint8Array(Buffer.from('a text'))]]), 415, 'UPLOAD_TYPE_UNSUPPORTED'],
      [form([['a.png', smaller.slice(0, 3000)]]), 422, 'UPLOAD_TRUNCATED'],
    ] as const
    for (const [body, status, code] of wrong) {
      t.match(await ann.call('POST', '/v1/search/image', body), { status, body: { code } }, code)
    }
    t.equal((await ann.call('POST', '/v1/search/image?limit=1000', form([['q.png', smaller]]))).status, 400)
    t.same(await readdir(join(dataDir, 'tmp')), [])
  })

  await t.test('what looks like an upload is found within filters and above a threshold', async (t) => {
    const similar = (query: string) => ann.call<SearchResult>('GET', `/v1/search/similar/${idOf('cat.jpg')}${query}`)
    t.notOk(names((await similar('')).body).includes('cat.jpg'), 'not itself')
    t.same(names((await similar('?threshold=0.999')).body), [])
    t.same(names((await similar('?file_type=video')).body), [])
  })

  await t.test('several searches are answered each on its own', async (t) => {
    const searches = [{ query: 'dogs' }, { query: 'type:film' }, { query: 'roof', limit: 1 }]
    const { body } = await ann.call<SearchBatchResult>('POST', '/v1/search/batch', { searches })
    t.same(names(body.results[0]?.result as SearchResult), ['dogs.png'])
    t.match(body.results[1], { result: null, error: { code: 'QUERY_INVALID', position: 5 } })
    t.equal(body.results[2]?.result?.hits.length, 1)
    const six = Array.from({ length: 6 }, () => ({ query: 'x' }))
    t.equal((await ann.call('POST', '/v1/search/batch', { searches: six })).status, 400)
  })

  await t.test('suggestions are the words of one’s own uploads, and follow hiding and deletion', async (t) => {
    const suggest = async (client: typeof ann, prefix: string) => {
      const { body } = await client.call<SuggestionList>(
        'GET',
        `/v1/search/suggestions?prefix=${encodeURIComponent(prefix)}`,
      )
      return body.items.map(({ text, kind, uploads }) => `${kind} ${text} ${uploads}`)
    }
    t.same(await suggest(ann, 'ROO'), ['word roof 2'])
    t.same(await suggest(ann, 'th'), [], 'no words that English leaves out')
    t.ok((await suggest(ann, 'boa')).some((line) => line.startsWith('label boat')))
    t.same(await suggest(bob, 'roo'), [])
    await ann.call('PATCH', `/v1/uploads/${idOf('cat on the roof.jpg')}`, { hidden: true })
    t.same(await suggest(ann, 'roo'), ['word roof 1'])
    t.same(names(await search('cat roof')).includes('cat on the roof.jpg'), false, 'hidden')
    t.same(names(await search('is:hidden')), ['cat on the roof.jpg'])
    await ann.call('PATCH', `/v1/uploads/${idOf('cat on the roof.jpg')}`, { hidden: false })
    t.same(await suggest(ann, 'roo'), ['word roof 2'])
  })

  await t.test('the numbers say how much can be found', async (t) => {
    const { body } = await ann.call<SearchStats>('GET', '/v1/search/stats')
    t.match(body, { uploads: 5, indexed: 5, with_description: 5 })
    const pictures = body.models.find(({ model }) => model.includes('picture'))
    t.match(pictures, { active: true, vectors: 5, uploads: 5, coverage: 1 })
  })

  await t.test('a search is kept, changed, run and forgotten, by its owner only', async (t) => {
    const created = await ann.call<SavedSearch>('POST', '/v1/searches', {
      name: 'Roofs',
      query: 'roof',
      filter: { file_type: 'image' },
    })
    t.equal(created.status, 201)
    const path = created.headers.get('location') ?? ''
    t.same(names((await ann.call<SearchResult>('POST', `${path}/run`, {})).body).length, 2)
    t.match(await ann.call('PATCH', path, { query: 'dogs' }), { status: 200, body: { name: 'Roofs', query: 'dogs' } })
    t.same(names((await ann.call<SearchResult>('POST', `${path}/run`, { limit: 5 })).body), ['dogs.png'])
    t.match(await ann.call('POST', '/v1/searches', { name: 'x', query: 'type:film' }), {
      status: 400,
      body: { code: 'QUERY_INVALID' },
    })
    for (const [method, at, body] of [
      ['GET', path],
      ['PATCH', path, { name: 'x' }],
      ['DELETE', path],
      ['POST', `${path}/run`, {}],
    ] as const) {
      t.match(
        await bob.call(method, at, body),
        { status: 404, body: { code: 'SAVED_SEARCH_NOT_FOUND' } },
        `${method} by another`,
      )
    }
    t.equal((await ann.call<{ items: SavedSearch[] }>('GET', '/v1/searches')).body.items.length, 1)
    t.equal((await ann.call('DELETE', path)).status, 204)
    t.equal((await ann.call('GET', path)).status, 404)
  })

  await t.test('no line of the log says what was looked for', async (t) => {
    await search('verysecret thing')
    await search('verysecret type:film')
    await search('verysecret', { cursor: 'verysecret' })
    await ann.call('GET', '/v1/search/suggestions?prefix=verysecret')
    t.ok(
      lines.some((line) => line.includes('/v1/search/suggestions')),
      'there is a log',
    )
    t.notMatch(lines.join(''), /verysecret/)
  })

  await t.test('a deleted upload is found by nothing', async (t) => {
    t.equal((await ann.call('DELETE', `/v1/uploads/${idOf('dogs.png')}`)).status, 204)
    t.same(names(await search('dogs')), [])
    t.notOk(names(await search('type:image')).includes('dogs.png'))
    t.same((await ann.call<SuggestionList>('GET', '/v1/search/suggestions?prefix=dog')).body.items, [])
  })
})

t.test('a library of thousands', async (t) => {
  const database = await openTestDatabase(t)
  const { sql } = database
  const dimensions = 16
  const users = await fillLibrary(sql, {
    users: { whole: 1200, few: 2, films: FILMS },
    pictureModel: 'test-picture',
    textModel: 'test-text',
    dimensions,
  })
  const [whole = { id: '' }, few = { id: '' }, films = { id: '' }] = users
  const store = createSearchStore(sql)
  const vectorOf = async (userId: string) => {
    const [row] = await sql<{ id: string }[]>`select id from uploads where user_id = ${userId} and not hidden limit 1`
    const [vector = new Float32Array()] = await store.findVectors(userId, row?.id ?? '', 'test-picture')
    return { id: row?.id ?? '', vector }
  }
  const encoder = { dimensions, relevanceFloor: 0.3 }
  let failing = false
  const { vector } = await vectorOf(whole.id)
  let embedded = 0
  const service = createSearchService({
    search: store,
    snippets: createSnippetStore(sql),
    uploads: createUploadStore(sql),
    pack: () => ({
      sharesSpace: true,
      imageEncoder: { ...encoder, fingerprint: 'test-picture', embed: async () => vector },
      textEncoder: {
        ...encoder,
        fingerprint: 'test-text',
        async embedQuery() {
          embedded++
          if (failing) throw new AppError('MODEL_FAILED')
          return vector
        },
        embedDescription: async () => [],
      },
    }),
  })

  await t.test('every upload that any signal found is counted, and can be reached page by page', async (t) => {
    const first = await service.find(whole.id, { query: 'boat', limit: 100 })
    t.equal(first.total_is_exact, true)
    const seen = new Set<string>()
    let page = first
    for (;;) {
      for (const { upload } of page.hits) {
        t.notOk(seen.has(upload.id) && upload.id, 'no upload twice')
        seen.add(upload.id)
      }
      if (page.next_cursor === null) break
      page = await service.find(whole.id, { query: 'boat', limit: 100, cursor: page.next_cursor })
    }
    t.equal(seen.size, first.total_found)
    t.ok(seen.size > 400, 'beyond the first level of depth')
  })

  await t.test('a page goes on where it was, whatever came or went meanwhile', async (t) => {
    const first = await service.find(whole.id, { query: 'boat', limit: 10 })
    const all = await service.find(whole.id, { query: 'boat', limit: 30 })
    const [gone] = first.hits
    await sql`update uploads set trashed_at = now() where id = ${gone?.upload.id ?? ''}`
    const second = await service.find(whole.id, { query: 'boat', limit: 10, cursor: first.next_cursor ?? '' })
    const expected = all.hits.slice(10, 20).map(({ upload }) => upload.id)
    t.ok(second.hits.filter(({ upload }) => expected.includes(upload.id)).length >= 9)
    t.notOk(
      second.hits.some(({ upload }) => first.hits.some((hit) => hit.upload.id === upload.id)),
      'nothing twice',
    )
    await sql`update uploads set trashed_at = null where id = ${gone?.upload.id ?? ''}`
  })

  await t.test('a filter that little passes still fills the page', async (t) => {
    const { hits, total_found } = await service.find(whole.id, { query: 'boat type:video camera:canon', limit: 20 })
    t.equal(hits.length, Math.min(20, total_found))
    t.ok(hits.every(({ upload }) => upload.file_type === 'video' && /canon/i.test(upload.camera ?? '')))
  })

  await t.test('the query is embedded once, and an encoder that fails is an error', async (t) => {
    await service.find(whole.id, { query: 'embedded once' })
    const before = embedded
    await service.find(whole.id, { query: 'embedded once type:video' })
    t.equal(embedded, before)
    failing = true
    await t.rejects(service.find(whole.id, { query: 'something new' }), { code: 'MODEL_FAILED' })
    failing = false
    t.equal((await service.find(whole.id, { query: 'something new' })).hits.length, 20, 'a failure is not kept')
  })

  await t.test('who owns very many vectors finds by their sketches what comparing all of them finds', async (t) => {
    const vectorFor = createVectors(5, dimensions)
    const made = (topic: number) => Float32Array.from(JSON.parse(vectorFor(topic)) as number[])
    const uploads = await sql<{ id: string }[]>`select id from uploads where user_id = ${films.id} and not hidden`
    await sql`update uploads set file_type = 'video' where user_id = ${films.id}`
    const frames = Array.from({ length: Math.ceil(sketchesFor(0) / uploads.length) + 1 }, (_, index) => index + 1)
    for (const [topic, { id }] of uploads.entries()) {
      const embeddings = frames.map((frameMs) => ({ model: 'test-picture', frameMs, part: 0, vector: made(topic) }))
      await sql.begin((tx) => insertEmbeddings(tx, id, films.id, embeddings))
    }
    const nearest = (conditions: UploadConditions[], wanted: Float32Array, depth: number) => {
      const query = { signal: 'picture' as const, model: 'test-picture', vectors: [wanted], floor: -1 }
      return store.find({ userId: films.id, conditions }, { text: '', vectors: [query] }, depth)
    }
    const ids = ({ lists }: Found) => lists[0]?.hits.map(({ uploadId }) => uploadId) ?? []

    t.ok(frames.length * uploads.length > COMPARED_MAX)
    let same = 0
    for (let topic = 0; topic < 10; topic++) {
      const wanted = made(topic)
      const [quick, exact] = [await nearest([], wanted, 10), await nearest([], wanted, SKETCHED_DEPTH_MAX + 1)]
      t.same([quick.totalIsExact, exact.totalIsExact], [false, true], 'and says that it did not count them all')
      same += ids(exact)
        .slice(0, 10)
        .filter((id) => ids(quick).includes(id)).length
    }
    t.ok(same >= 95, `${same} of 100`)

    const [only = { id: '' }] = uploads
    await sql`update uploads set camera = 'Rare' where id = ${only.id}`
    const filtered = await nearest([{ camera: 'rare' }], made(50), 10)
    t.same([ids(filtered), filtered.totalIsExact], [[only.id], true], 'with a filter all that pass it are compared')

    await sql`update vector_sketches set bits = null where upload_id = ${only.id}`
    t.equal((await nearest([], made(0), 10)).totalIsExact, true, 'while a sketch is missing, vectors are compared')
    t.equal(await sketchOldVectors(sql, silent), frames.length + 2)
    const again = await nearest([], made(0), 10)
    t.same([ids(again)[0], again.totalIsExact], [only.id, false])
    await sql`delete from embeddings where upload_id = ${only.id}`
    t.same(await sql`select from vector_sketches where upload_id = ${only.id}`, [], 'a sketch goes with its vector')
  })

  await t.test('lists, words, vectors and suggestions are read by their indexes', async (t) => {
    const plan = async (statement: Promise<readonly Record<string, string>[]>) =>
      (await statement).map((row) => Object.values(row)[0]).join('\n')
    t.match(
      await plan(
        sql`explain select id from uploads where user_id = ${whole.id} order by created_at desc, id desc limit 50`,
      ),
      /uploads_newest/,
    )
    t.match(
      await plan(sql`explain select id from uploads where search_document @@ 'lighthouse'::tsquery`),
      /uploads_search/,
    )
    t.match(
      await plan(sql`explain select vector from embeddings where model = 'test-picture' and user_id = ${few.id}`),
      /embeddings_owner/,
    )
    const suggestions = await createSuggestionStore(sql).find(whole.id, 'bo', 5)
    t.ok(suggestions.length > 0 && suggestions.every(({ word }) => word.startsWith('bo')))
  })
})

t.test('a snippet is text and places, whatever the text holds', async (t) => {
  t.same(toSnippet('ocr_text', 'a \u0001<b>\u0002 and \u0001c\u0002'), {
    field: 'ocr_text',
    text: 'a <b> and c',
    matches: [
      { start: 2, end: 5 },
      { start: 10, end: 11 },
    ],
  })
})
