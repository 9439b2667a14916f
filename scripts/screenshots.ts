/**
 * Takes a picture of each page, in light and dark, wide and narrow, into docs/screenshots. It starts the built server on a
 * folder of its own and hands over real and painted pictures:
 *
 *     npm run build && npx tsx scripts/screenshots.ts                   all of them
 *     npm run build && npx tsx scripts/screenshots.ts photos search     some
 */
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Browser, chromium, type Page } from 'playwright-core'
import sharp from 'sharp'
import { startServer, untilReady } from '../demo/server-process.ts'
import { fillLibrary, type Library, NOTES } from './screenshots/library.ts'
import { paintings } from './screenshots/paintings.ts'

const OUT = 'docs/screenshots'
const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium'
const SIZES = { wide: { width: 1280, height: 800 }, narrow: { width: 360, height: 740 } } as const
const LOOKS = ['light', 'dark'] as const
const WEBP = { quality: 80, effort: 6 }

interface Shot {
  readonly name: string
  path(library: Library): string
  readonly signedOut?: boolean
  /** What somebody did before the picture is taken. */
  prepare?(page: Page, index: number): Promise<void>
}

const SHOTS: readonly Shot[] = [
  { name: 'welcome', path: () => '/', signedOut: true },
  { name: 'photos', path: () => '/' },
  { name: 'photo', path: ({ photoId }) => `/photo/${photoId}` },
  { name: 'details', path: ({ photoId }) => `/photo/${photoId}`, prepare: openDetails },
  { name: 'video', path: ({ videoId, photoId }) => `/photo/${videoId ?? photoId}`, prepare: untilPlayable },
  { name: 'search', path: () => '/search?q=boats' },
  { name: 'albums', path: () => '/albums' },
  { name: 'album', path: ({ albumId }) => `/albums/${albumId}` },
  { name: 'batches', path: () => '/batches' },
  { name: 'batch', path: ({ batchId }) => `/batches/${batchId}` },
  { name: 'trash', path: () => '/trash' },
  { name: 'settings', path: () => '/settings' },
  // Last: what it hands over would show up everywhere else.
  { name: 'uploads', path: () => '/uploads', prepare: handOver },
]

interface Visitor {
  readonly suffix: string
  readonly page: Page
}

const wanted = process.argv.slice(2)
const shots = SHOTS.filter(({ name }) => wanted.length === 0 || wanted.includes(name))
const dataDir = await mkdtemp(join(tmpdir(), 'darkroom-screenshots-'))
await mkdir(OUT, { recursive: true })
const server = await startServer(dataDir)
const browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] })
try {
  await untilReady(server.address)
  const library = await fillLibrary(server.address, dataDir)
  const visitors = await openVisitors(browser)
  for (const shot of shots.filter(({ signedOut }) => signedOut)) await takeAll(shot, visitors, library)
  for (const { page } of visitors) await signIn(page, library)
  for (const shot of shots.filter(({ signedOut }) => !signedOut)) await takeAll(shot, visitors, library)
} finally {
  await browser.close()
  await server.stop()
  await rm(dataDir, { recursive: true, force: true })
}

/** Somebody for each look and size. */
async function openVisitors(browser: Browser): Promise<Visitor[]> {
  const visitors: Visitor[] = []
  for (const colorScheme of LOOKS) {
    for (const [size, viewport] of Object.entries(SIZES)) {
      const hasTouch = size === 'narrow'
      const how = { baseURL: server.address, viewport, colorScheme, reducedMotion: 'reduce', hasTouch } as const
      const page = await (await browser.newContext(how)).newPage()
      page.on('pageerror', ({ stack }) => process.stderr.write(`${page.url()}: ${stack}\n`))
      visitors.push({ suffix: `${colorScheme}-${size}`, page })
    }
  }
  return visitors
}

async function takeAll({ name, path, prepare }: Shot, visitors: readonly Visitor[], library: Library): Promise<void> {
  for (const [index, { suffix, page }] of visitors.entries()) {
    await page.goto(path(library))
    await settled(page)
    await prepare?.(page, index)
    const file = join(OUT, `${name}-${suffix}.webp`)
    const { size: bytes } = await sharp(await page.screenshot())
      .webp(WEBP)
      .toFile(file)
    process.stdout.write(`${file} ${Math.round(bytes / 1024)} KiB\n`)
  }
}

async function signIn(page: Page, { account }: Library): Promise<void> {
  await page.goto('/')
  await page.getByLabel('Username').fill(account.username)
  await page.getByLabel('Password', { exact: true }).fill(account.password)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('button', { name: `Account of ${account.username}` }).waitFor()
}

/** Nothing is asked for any more, and every picture that can be seen is there. */
async function settled(page: Page): Promise<void> {
  await page.waitForLoadState('networkidle')
  const areThere = (images: unknown[]) => images.every((image) => (image as { complete: boolean }).complete)
  while (!(await page.locator('img').evaluateAll(areThere))) await page.waitForTimeout(50)
  // Those that cannot be loaded are taken out by the page.
  while ((await page.locator('.thumbnail-picture:not([data-shown])').count()) > 0) await page.waitForTimeout(50)
  await page.waitForTimeout(400)
}

/** The browser's own sign of loading ends its turn when the film is there. */
async function untilPlayable(page: Page): Promise<void> {
  await page.waitForTimeout(2500)
}

async function openDetails(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Details' }).click()
  await settled(page)
}

/** Files that are on their way, being developed, and done, all at once. */
async function handOver(page: Page, index: number): Promise<void> {
  const files = (await paintings(6, 1000 * (index + 1))).map(({ name, bytes }) => ({
    name,
    mimeType: 'image/jpeg',
    buffer: Buffer.from(bytes),
  }))
  files.push({ name: NOTES.name, mimeType: 'text/plain', buffer: Buffer.from(NOTES.bytes) })
  await page.getByLabel('Files to add').setInputFiles(files)
  await page.waitForTimeout(3500)
}
