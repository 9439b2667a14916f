import { networkInterfaces } from 'node:os'
import type { Page } from 'playwright-core'
import t from 'tap'
import type { Session } from '#src/schemas/accounts.js'
import type { Album } from '#src/schemas/albums.js'
import type { Upload } from '#src/schemas/uploads.js'
import { openClient } from '../helpers/client.ts'
import { photo, picture } from '../helpers/samples.ts'
import { bringAxe, faultsOf } from './axe.ts'
import { endOtherSessions, keepAlbum } from './housekeeping.ts'
import { handOverByKeyboard, openAndClose, selectAndDelete } from './keyboard-walk.ts'
import { ask, handOver, openVisitor, PASSWORD, register, search, signIn, visit } from './visitor.ts'
import { DEVELOPED_TIMEOUT_MS, openWorld, SKIP } from './world.ts'

/** A person, a real browser, and the server as it was built. */

const HOSTILE_NAME = "<img src=x onerror=alert(1)> & 'boats'.jpg"
const HOSTILE_WORDS = 'Harbour <script>alert(2)</script><img src=x onerror=alert(3)> {{7*7}}'
const FIRST_VIEW_BYTES = 60_000

/** The small pictures are there, also those that the browser had already and did not wait for. */
const untilSharp = (page: Page) =>
  page.waitForFunction("document.querySelector('.thumbnail-picture:not([data-shown])') === null")

/** How the machine is called by others in its network. */
const lanAddress = Object.values(networkInterfaces())
  .flat()
  .find((one) => one?.family === 'IPv4' && !one.internal)?.address

t.test('from the first visit to a picture that was found', { skip: SKIP }, async (t) => {
  const { server, browser } = await openWorld(t, { env: { REGISTRATION: 'open', HOST: '0.0.0.0' } })
  const { port } = new URL(server.address)
  const address = `http://127.0.0.1:${port}`
  const ann = await openVisitor(t, browser, address)
  const { page } = ann
  const pages = page.getByRole('navigation', { name: 'Pages' })
  const uploads = async () => (await ask<{ items: Upload[] }>(ann, '/v1/uploads')).body.items
  await bringAxe(page)

  await t.test('somebody registers, hands over two photos and sees them develop', async (t) => {
    await page.goto('/')
    await page.getByLabel('Username').waitFor()
    t.strictSame(await faultsOf(page), [])
    await register(ann, 'ann')
    const mimeType = 'image/jpeg'
    await handOverByKeyboard(ann, [
      { name: HOSTILE_NAME, mimeType, buffer: Buffer.from(await photo('nagasaki-boats')) },
      { name: 'cat.jpg', mimeType, buffer: Buffer.from(await photo('locomotion-house-cat')) },
    ])
    await pages.getByRole('link', { name: 'Uploads' }).click()
    const rows = page.getByRole('list', { name: 'Files' }).getByRole('listitem')
    await rows.getByRole('progressbar', { name: 'Developing' }).first().waitFor()
    // What is under way is told without a full stop; the caption is a sentence.
    const captions = rows.filter({ hasText: /\.$/ })
    for (const name of [HOSTILE_NAME, 'cat.jpg']) {
      await captions.filter({ hasText: name }).waitFor({ timeout: DEVELOPED_TIMEOUT_MS })
    }
    t.equal(await rows.count(), 2)
    await untilSharp(page)
    await page
      .getByRole('status')
      .filter({ hasText: /files? developed/ })
      .waitFor()
    t.pass('the descriptions came by themselves, and it was said')
  })

  await t.test('finds one by what is in it, looks at it, deletes and takes back, all by keyboard', async (t) => {
    await search(ann, 'boats')
    await openAndClose(t, ann, page.getByRole('link', { name: /^Open .*boat/ }), HOSTILE_NAME)
    t.match(page.url(), /\/search\?q=boats/)
    await selectAndDelete(t, ann)
  })

  await t.test('a first view is small, and holds still for who asks for it', async (t) => {
    await page.goto('/')
    await page.getByRole('grid').locator('img[data-loaded]').first().waitFor()
    const scripts = await page.evaluate<{ encodedBodySize: number; decodedBodySize: number }[]>(
      'performance.getEntriesByType("resource").filter(({ name }) => name.endsWith(".js")).map((entry) => entry.toJSON())',
    )
    const bytes = scripts.reduce((sum, { encodedBodySize }) => sum + encodedBodySize, 0)
    t.ok(bytes < FIRST_VIEW_BYTES, `${bytes} bytes of scripts`)
    t.ok(bytes > 0 && scripts.some((one) => one.encodedBodySize < one.decodedBodySize), 'compressed')
    const moving = () =>
      page.evaluate<number>(`[...document.querySelectorAll('*')].map((element) => getComputedStyle(element))
        .filter((style) => parseFloat(style.transitionDuration) > 0.001).length`)
    await page.emulateMedia({ reducedMotion: 'no-preference' })
    t.ok((await moving()) > 0)
    await page.emulateMedia({ reducedMotion: 'reduce' })
    t.equal(await moving(), 0)
  })

  await t.test('no page shuts anybody out', async (t) => {
    const client = await openClient(address, 'ann', PASSWORD)
    const [boats] = await uploads()
    const more = await client.batch([
      ['cat.jpg', await photo('locomotion-house-cat')],
      ['notes.txt', new TextEncoder().encode('to buy: fixer')],
    ])
    const { body: trashed } = await client.upload(await picture(1), 'old.png')
    await client.call('DELETE', `/v1/uploads/${trashed.id}`)
    const { body: album } = await client.call<Album>('POST', '/v1/albums', { name: 'Summer' })
    await client.call('POST', `/v1/albums/${album.id}/add`, { upload_ids: [boats?.id] })
    const settings = ['account', 'api-keys', 'storage', 'copies', 'models', 'people', 'audit', 'server']
    const paths = ['/', '/search?q=boats', '/search?q=qqq', '/albums', `/albums/${album.id}`, '/uploads', '/batches']
    const others = [`/batches/${more.body.batch.id}`, '/trash', ...settings.map((part) => `/settings?part=${part}`)]
    for (const path of [...paths, ...others, `/photo/${boats?.id}`]) {
      await visit(page, path)
      t.strictSame(await faultsOf(page), [], path)
    }
    await page.getByRole('button', { name: 'Details' }).click()
    await page.getByRole('complementary', { name: 'Details' }).getByText('Similar').waitFor()
    t.strictSame(await faultsOf(page), [], 'details')
    await page.goto('/albums')
    await page.getByRole('button', { name: 'New album' }).first().click()
    await page.getByRole('dialog').waitFor()
    t.strictSame(await faultsOf(page), [], 'a dialog')
  })

  await t.test('a reload keeps the session, and hostile words are words', async (t) => {
    await page.reload()
    const id = (await uploads()).find(({ filename }) => filename === HOSTILE_NAME)?.id
    t.ok(id, 'it may read by its cookie')
    const change = { method: 'PATCH', body: '{"description":"x"}' }
    t.equal((await ask(ann, `/v1/uploads/${id}`, change)).status, 401, 'and change nothing')
    const { body: session } = await ask<Session>(ann, '/v1/auth/refresh', { method: 'POST', body: '{}' })
    const changed = await fetch(`${address}/v1/uploads/${id}`, {
      method: 'PATCH',
      headers: { authorization: `Bearer ${session.access_token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ description: HOSTILE_WORDS }),
    })
    t.equal(changed.status, 200)
    await page.goto(`/photo/${id}`)
    await page.getByRole('button', { name: 'Details' }).click()
    await page.getByRole('complementary', { name: 'Details' }).getByText(HOSTILE_WORDS).first().waitFor()
    await page.goto('/search?q=harbour')
    await page.getByText(HOSTILE_WORDS).first().waitFor()
    for (const path of ['/', '/uploads', '/batches', '/albums']) {
      await visit(page, path)
      await untilSharp(page)
      t.equal(await page.locator('img[src="x"], script:not([src])').count(), 0, path)
    }
  })

  await t.test('works on plain http in a network, in two tabs', { skip: !lanAddress && 'no network' }, async (t) => {
    const abroad = await openVisitor(t, browser, `http://${lanAddress}:${port}`)
    await signIn(abroad, 'ann')
    t.equal(await abroad.page.evaluate('isSecureContext'), false)
    await handOver(abroad, [{ name: 'new.png', mimeType: 'image/png', buffer: Buffer.from(await picture(2)) }])
    const third = (tab: Page) => tab.getByRole('grid').getByRole('link').nth(2)
    await third(abroad.page).waitFor()
    const other = await abroad.page.context().newPage()
    await other.goto('/')
    await Promise.all([other.reload(), abroad.page.reload()])
    for (const tab of [other, abroad.page]) await third(tab).waitFor()
    await search(abroad, 'boats')
    await abroad.page
      .getByRole('link', { name: /^Open .*(boat|Harbour)/ })
      .first()
      .waitFor()
    t.strictSame(abroad.problems, [])
  })

  await t.test('keeps house: an album of a search, its archive, the trash, other sessions', async (t) => {
    t.strictSame(await keepAlbum(ann, 'harbour'), ["_img src=x onerror=alert(1)_ & 'boats'.jpg"])
    const client = await openClient(address, 'ann', PASSWORD)
    const cat = (await uploads()).find(({ filename }) => filename === 'cat.jpg')
    t.equal((await client.call('DELETE', `/v1/uploads/${cat?.id}`)).status, 204)
    await page.goto('/trash')
    await page.getByRole('gridcell').locator('img[data-loaded]').first().waitFor()
    await endOtherSessions(t, ann)
    t.equal((await client.call('GET', '/v1/auth/me')).status, 401)
  })

  await t.test('somebody else sees nothing of it', async (t) => {
    const ben = await openVisitor(t, browser, address)
    await register(ben, 'ben')
    await ben.page.getByText('Your photos develop here').waitFor()
    const [boats] = await uploads()
    for (const path of ['/uploads', '/batches', '/albums', '/trash', '/settings?part=people', `/photo/${boats?.id}`]) {
      await visit(ben.page, path)
      t.notMatch(await ben.page.locator('body').textContent(), /onerror|Harbour|cat\.jpg|Summer|notes|old\.png/, path)
    }
    t.equal((await ask(ben, `/v1/uploads/${boats?.id}`)).status, 404)
    await visit(ben.page, '/')
    await search(ben, 'boats')
    await ben.page
      .getByText(/nothing/i)
      .first()
      .waitFor()
    t.notMatch(await ben.page.locator('body').textContent(), /onerror|Harbour/)
    t.strictSame(ben.problems, [])
  })

  await t.test('and signing out leaves nothing', async (t) => {
    await page.getByRole('button', { name: 'Account of ann' }).click()
    await page.getByRole('menuitem', { name: 'Sign out' }).click()
    await page.getByRole('button', { name: 'Sign in' }).waitFor()
    t.strictSame(await page.context().cookies(), [])
    t.equal((await ask(ann, '/v1/uploads')).status, 401)
  })

  t.strictSame(ann.problems, [])
})
