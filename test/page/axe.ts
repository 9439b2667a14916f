import { createRequire } from 'node:module'
import type axe from 'axe-core'
import type { Page } from 'playwright-core'

/** Looks for what shuts people out, with axe-core, in all the looks that a page has. */

const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js')
const WIDE = { width: 1280, height: 800 }
const NARROW = { width: 360, height: 740 }

/** What is built the same in the dark differs in its colours only. */
const LOOKS = [
  { colorScheme: 'light', size: WIDE, run: {} },
  { colorScheme: 'dark', size: WIDE, run: { runOnly: ['color-contrast'] } },
  { colorScheme: 'dark', size: NARROW, run: {} },
  { colorScheme: 'light', size: NARROW, run: { runOnly: ['color-contrast'] } },
] as const satisfies { run: axe.RunOptions; [key: string]: unknown }[]

/** It comes to every document of the page from now on, beside the policy of the page and not through it. */
export async function bringAxe(page: Page): Promise<void> {
  await page.addInitScript({ path: AXE })
}

/** What is seriously wrong with the page as it is shown, a line each. */
export async function faultsOf(page: Page): Promise<string[]> {
  const faults: string[] = []
  for (const { colorScheme, size, run } of LOOKS) {
    // Colours that are on their way to others would be measured in between.
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    await page.setViewportSize(size)
    const violations = await page.evaluate<axe.Result[]>(ask(run))
    for (const { id, impact, nodes } of violations) {
      if (impact !== 'serious' && impact !== 'critical') continue
      faults.push(
        ...nodes.map(({ html }) => `${new URL(page.url()).pathname} ${colorScheme} ${size.width}: ${id} ${html}`),
      )
    }
  }
  await page.setViewportSize(WIDE)
  return faults
}

/** In the language of the page; two frames later the new look is painted. */
const ask = (run: axe.RunOptions) => `
  new Promise((painted) => requestAnimationFrame(() => requestAnimationFrame(painted)))
    .then(() => axe.run(document, ${JSON.stringify({ ...run, resultTypes: ['violations'] })}))
    .then(({ violations }) => violations)`
