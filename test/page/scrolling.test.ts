import type { Browser, Page } from 'playwright-core'
import t from 'tap'
import { fillTimeline } from './timeline-library.ts'
import { openVisitor, signIn } from './visitor.ts'
import { openWorld, SKIP } from './world.ts'

const PHOTOS = 20_000
/** A screen holds some forty pictures; a little more is ready above and below. */
const NODES_MOST = 1500
const TASK_MOST_MS = 100
const STEPS = 40

const nodeCount = (page: Page) => page.evaluate<number>('document.querySelectorAll("*").length')
/** Pictures that can be seen, and are there. */
const seenPictures = (page: Page) => page.getByRole('grid').locator('img[data-loaded]')

interface TraceEvent {
  readonly name: string
  readonly pid: number
  readonly tid: number
  /** Microseconds of the processor, left out for none: what other programs take meanwhile is not in it. */
  readonly tdur?: number
  readonly args: { readonly name?: string }
}

/** The longest that the page keeps its thread busy at a stretch during `work`, in milliseconds. */
async function longestTask(browser: Browser, page: Page, work: () => Promise<void>): Promise<number> {
  await browser.startTracing(page, { categories: ['toplevel'] })
  await work()
  const trace: { traceEvents: TraceEvent[] } = JSON.parse(String(await browser.stopTracing()))
  const threadOf = ({ pid, tid }: TraceEvent) => `${pid} ${tid}`
  const named = trace.traceEvents.filter(({ name, args }) => name === 'thread_name' && args.name === 'CrRendererMain')
  const threads = new Set(named.map(threadOf))
  const tasks = trace.traceEvents.filter((event) => event.name.endsWith('RunTask') && threads.has(threadOf(event)))
  return Math.max(...tasks.map(({ tdur }) => tdur ?? 0)) / 1000
}

t.test('a library of twenty thousand photos', { skip: SKIP }, async (t) => {
  const { browser, server } = await openWorld(t, { prepare: (dataDir) => fillTimeline(dataDir, 'ann', PHOTOS) })
  const ann = await openVisitor(t, browser, server.address)
  const { page } = ann
  await signIn(ann, 'ann')
  await seenPictures(page).first().waitFor()
  let nodes = await nodeCount(page)
  const count = async () => {
    nodes = Math.max(nodes, await nodeCount(page))
  }

  await t.test('is scrolled by the wheel without a halt', async (t) => {
    const longest = await longestTask(browser, page, async () => {
      await page.mouse.move(500, 400)
      for (let step = 0; step < STEPS; step++) {
        await page.mouse.wheel(0, 1200)
        await count()
      }
      await seenPictures(page).first().waitFor()
    })
    t.ok(longest > 0 && longest < TASK_MOST_MS, `the longest task took ${longest} ms`)
    t.ok((await page.evaluate<number>('scrollY')) > STEPS * 1000)
  })

  await t.test('and by the timeline, to its very end', async (t) => {
    const box = await page.getByRole('slider', { name: 'Timeline' }).boundingBox()
    if (box === null) throw new Error('The timeline has no place on the page.')
    const { x, y, width, height } = box
    const longest = await longestTask(browser, page, async () => {
      await page.mouse.move(x + width / 2, y + 1)
      await page.mouse.down()
      for (let step = 1; step <= STEPS; step++) {
        await page.mouse.move(x + width / 2, y + (height * step) / STEPS)
        await count()
      }
      await page.mouse.up()
      await page.getByRole('link', { name: `: Number ${PHOTOS}` }).waitFor()
      await seenPictures(page).first().waitFor()
    })
    t.ok(longest > 0 && longest < TASK_MOST_MS, `the longest task took ${longest} ms`)
  })

  t.ok(nodes < NODES_MOST, `there were ${nodes} elements at most`)
  t.strictSame(ann.problems, [])
})
