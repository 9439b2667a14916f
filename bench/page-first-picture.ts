import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium, type Page } from 'playwright-core'
import { startServer, untilReady } from '../demo/server-process.ts'
import { openClient } from '../test/helpers/client.ts'
import { picture } from '../test/helpers/samples.ts'
import { report } from './report.ts'

/**
 * How long it takes from asking for the page until a picture of the library is painted, for somebody who is signed in
 * and whose browser has nothing of the page in its cache.
 */

const PICTURES = 40
const LOADS = 15
const LIMIT_MS = 1000
const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium'
const PASSWORD = 'correct horse battery'

/** In the language of the page: milliseconds from the navigation to the paint that the first picture was in. */
const FIRST_PICTURE = `new Promise((resolve) => {
  new PerformanceObserver((list) => {
    const painted = list.getEntries().find(({ url }) => url.includes('/thumbnail'))
    if (painted) resolve(painted.startTime)
  }).observe({ type: 'largest-contentful-paint', buffered: true })
})`

const dataDir = await mkdtemp(join(tmpdir(), 'darkroom-bench-'))
const server = await startServer(dataDir)
await untilReady(server.address)
await fillLibrary()
const browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] })
const page = await (await browser.newContext({ baseURL: server.address })).newPage()
await signIn(page)
report('first picture painted, empty cache, ms', await timeLoads(page), LIMIT_MS)
await browser.close()
await server.stop()
await rm(dataDir, { recursive: true })

async function fillLibrary(): Promise<void> {
  const client = await openClient(server.address, 'bench', PASSWORD)
  const numbers = Array.from({ length: PICTURES }, (_, number) => number)
  const files = await Promise.all(numbers.map(async (number) => [`${number}.png`, await picture(number, 400)] as const))
  const { body } = await client.batch(files)
  await client.finished(body.batch.id)
}

async function signIn(page: Page): Promise<void> {
  await page.goto('/')
  await page.getByLabel('Username').fill('bench')
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.locator('img[data-loaded]').first().waitFor()
}

async function timeLoads(page: Page): Promise<number[]> {
  const cache = await page.context().newCDPSession(page)
  const times: number[] = []
  for (let count = 0; count < LOADS; count++) {
    await cache.send('Network.clearBrowserCache')
    await page.goto('/')
    times.push(await page.evaluate<number>(FIRST_PICTURE))
  }
  return times
}
