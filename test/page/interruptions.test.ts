import type { Page } from 'playwright-core'
import t from 'tap'
import type { Batch } from '#src/schemas/batches.js'
import type { Upload } from '#src/schemas/uploads.js'
import { startServer } from '../../demo/server-process.ts'
import { picture } from '../helpers/samples.ts'
import { until } from '../helpers/until.ts'
import { ask, type HandedFile, handOver, openVisitor, register, type Visitor } from './visitor.ts'
import { DEVELOPED_TIMEOUT_MS, openWorld, SKIP } from './world.ts'

/** As many as make a batch. */
const FILES = 5
/** Some 270 kB of noise each: more than the buffers on the way hold, and five seconds of a slow line. */
const PICTURE_SIZE = 300
const SLOW_BYTES_PER_SECOND = 270_000

async function pictures(first: number): Promise<HandedFile[]> {
  const numbers = Array.from({ length: FILES }, (_, index) => first + index)
  return Promise.all(
    numbers.map(async (number) => ({
      name: `noise-${number}.png`,
      mimeType: 'image/png',
      buffer: Buffer.from(await picture(number, PICTURE_SIZE)),
    })),
  )
}

const uploadsOf = async (ann: Visitor) =>
  (await ask<{ items: Upload[] }>(ann, '/v1/uploads?limit=200&sort=created_at')).body.items
const rowsOf = (page: Page) => page.getByRole('list', { name: 'Files' }).getByRole('listitem')

/** What is under way is told without a full stop; the caption is a sentence. */
const developedRows = (page: Page) => rowsOf(page).filter({ hasText: /\.$/ })

t.test('a page whose reload or server breaks off what it does', { skip: SKIP }, async (t) => {
  const { browser, dataDir, server } = await openWorld(t)
  const ann = await openVisitor(t, browser, server.address)
  const { page } = ann
  await register(ann, 'ann')

  await t.test('reloaded in the middle of a hand-over, it goes on from what the server has', async (t) => {
    const files = await pictures(0)
    const network = await page.context().newCDPSession(page)
    const slow = { offline: false, latency: 0, downloadThroughput: -1, uploadThroughput: SLOW_BYTES_PER_SECOND }
    await network.send('Network.emulateNetworkConditions', slow)
    await handOver(ann, files)
    await until(async () => (await uploadsOf(ann)).length > 1)
    const asked = page.waitForEvent('dialog')
    const refresh = page.waitForRequest('**/v1/auth/refresh')
    await page.reload({ waitUntil: 'commit' })
    await asked
    t.pass('it asks before it leaves what is not sent')
    // Once more while it still asks who is there: the answer is lost, and the session is not.
    await refresh
    await network.send('Network.emulateNetworkConditions', { ...slow, uploadThroughput: -1 })

    await page.goto('/uploads')
    await rowsOf(page).nth(1).waitFor()
    const arrived = await uploadsOf(ann)
    t.ok(arrived.length > 1 && arrived.length < FILES, `${arrived.length} of ${FILES} had arrived`)
    await handOver(ann, files)
    await page.getByText(/\d there already. Everything is developed/).waitFor({ timeout: DEVELOPED_TIMEOUT_MS })
    const uploads = await uploadsOf(ann)
    t.strictSame(uploads.map(({ filename }) => filename).sort(), files.map(({ name }) => name).sort())
    t.ok(uploads.every(({ status }) => status === 'completed'))
    t.equal(await rowsOf(page).count(), FILES, 'each has one row')
  })

  await t.test('its server killed in the middle of a batch, it comes back by itself', async (t) => {
    await page.reload()
    await handOver(ann, await pictures(FILES))
    await developedRows(page)
      .filter({ hasText: `noise-${FILES}.png` })
      .waitFor({ timeout: DEVELOPED_TIMEOUT_MS })
    await server.kill()
    await page.getByText('The server cannot be reached.').waitFor()
    const again = await startServer(dataDir, new URL(server.address).port)
    t.teardown(() => again.stop())
    await page.getByText('The server cannot be reached.').waitFor({ state: 'hidden', timeout: DEVELOPED_TIMEOUT_MS })
    await page.getByText(`${FILES} files added. Everything is developed.`).waitFor({ timeout: DEVELOPED_TIMEOUT_MS })

    t.equal((await uploadsOf(ann)).filter(({ status }) => status === 'completed').length, 2 * FILES)
    const { body } = await ask<{ items: Batch[] }>(ann, '/v1/batches?limit=1')
    t.match(body.items[0], { status: 'completed', counts: { total: FILES, succeeded: FILES, waiting: 0, failed: 0 } })
    await page.getByRole('link', { name: 'Batches' }).click()
    await page
      .getByRole('link', { name: `${FILES} developed` })
      .first()
      .waitFor()
  })

  t.strictSame(ann.problems, [])
})
