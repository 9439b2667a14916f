import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import type { Session } from '#src/schemas/accounts.js'
import type { Upload } from '#src/schemas/uploads.js'
import { startServer, untilReady } from '../../demo/server-process.ts'
import { copyTemplate } from '../helpers/database.ts'
import { photo } from '../helpers/samples.ts'
import { ask, handOver, NO_BROWSER, openBrowser, openVisitor, register, search } from './visitor.ts'

/** A person, a real browser, and the server as it was built. */
const skip = NO_BROWSER || (!existsSync('dist/page/index.html') && 'the page was not built')

/** On a busy machine. */
const DEVELOPED_TIMEOUT_MS = 60_000

const HOSTILE_NAME = "<img src=x onerror=alert(1)> & 'boats'.jpg"
const HOSTILE_WORDS = 'Harbour <script>alert(2)</script><img src=x onerror=alert(3)> {{7*7}}'

t.test('from the first visit to a picture that was found', { skip }, async (t) => {
  const dataDir = await mkdtemp(join(tmpdir(), 'darkroom-browser-'))
  t.teardown(() => rm(dataDir, { recursive: true, force: true }))
  await copyTemplate(dataDir)
  const server = await startServer(dataDir, '0', { REGISTRATION: 'open' })
  t.teardown(() => server.stop())
  const browser = await openBrowser(t)
  const ann = await openVisitor(t, browser, server.address)
  const ben = await openVisitor(t, browser, server.address)
  const { page } = ann
  await untilReady(server.address)

  await t.test('somebody registers, hands over two photos and sees them develop', async (t) => {
    await register(ann, 'ann')
    const mimeType = 'image/jpeg'
    await handOver(ann, [
      { name: HOSTILE_NAME, mimeType, buffer: Buffer.from(await photo('nagasaki-boats')) },
      { name: 'cat.jpg', mimeType, buffer: Buffer.from(await photo('locomotion-house-cat')) },
    ])
    await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Uploads' }).click()
    const rows = page.getByRole('list', { name: 'Files' }).getByRole('listitem')
    await rows.getByRole('progressbar', { name: 'Developing' }).first().waitFor()
    // What is under way is told without a full stop; the caption is a sentence.
    const captions = rows.filter({ hasText: /\.$/ })
    for (const name of [HOSTILE_NAME, 'cat.jpg']) {
      await captions.filter({ hasText: name }).waitFor({ timeout: DEVELOPED_TIMEOUT_MS })
    }
    t.equal(await rows.count(), 2)
    t.pass('the descriptions came by themselves')
  })

  await t.test('finds one by what is in it, and looks at it', async (t) => {
    await search(ann, 'boats')
    const hit = page.getByRole('link', { name: /^Open .*boat/ })
    await hit.click()
    const viewer = page.getByRole('dialog', { name: HOSTILE_NAME })
    await viewer.getByRole('img').first().waitFor()
    t.match(page.url(), /\/photo\/[0-9a-f-]{36}$/)
    await page.keyboard.press('Escape')
    await hit.waitFor()
    t.match(page.url(), /\/search\?q=boats/)
  })

  await t.test('a reload keeps the session, and hostile words are words', async (t) => {
    await page.reload()
    const { body: uploads } = await ask<{ items: Upload[] }>(ann, '/v1/uploads')
    const id = uploads.items.find(({ filename }) => filename === HOSTILE_NAME)?.id
    t.ok(id, 'it may read by its cookie')
    const change = { method: 'PATCH', body: '{"description":"x"}' }
    t.equal((await ask(ann, `/v1/uploads/${id}`, change)).status, 401, 'and change nothing')
    const { body: session } = await ask<Session>(ann, '/v1/auth/refresh', { method: 'POST', body: '{}' })
    const changed = await fetch(`${server.address}/v1/uploads/${id}`, {
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
    t.equal(await page.locator('img[src="x"], script:not([src])').count(), 0)
  })

  await t.test('somebody else sees nothing of it', async (t) => {
    await register(ben, 'ben')
    await ben.page.getByText('Your photos develop here').waitFor()
    await search(ben, 'boats')
    await ben.page
      .getByText(/nothing/i)
      .first()
      .waitFor()
    const text = await ben.page.locator('body').textContent()
    t.notMatch(text, /onerror|Harbour/)
  })

  await t.test('and signing out leaves nothing', async (t) => {
    await page.getByRole('button', { name: 'Account of ann' }).click()
    await page.getByRole('menuitem', { name: 'Sign out' }).click()
    await page.getByRole('button', { name: 'Sign in' }).waitFor()
    t.strictSame(await page.context().cookies(), [])
    t.equal((await ask(ann, '/v1/uploads')).status, 401)
  })

  t.strictSame(ann.problems, [])
  t.strictSame(ben.problems, [])
})
