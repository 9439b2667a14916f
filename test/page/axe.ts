import { createRequire } from 'node:module'
import type axe from 'axe-core'
import type { Page } from 'playwright-core'

/** Looks for what shuts people out, with axe-core, in all the looks that a page has. */

const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js')
const WIDE = { width: 1280, height: 800 }
const NARROW = { width: 360, height: 740 }

/** Colours do not depend on the width, nor the structure on the colours: two looks show every one of each. */
const LOOKS = [
  { colorScheme: 'light', size: WIDE },
  { colorScheme: 'dark', size: NARROW },
] as const

/** It comes to every document of the page from now on, beside the policy of the page and not through it. */
export async function bringAxe(page: Page): Promise<void> {
  await page.addInitScript({ path: AXE })
}

/** What is seriously wrong with the page as it is shown, a line each. */
export async function faultsOf(page: Page): Promise<string[]> {
  const faults: string[] = []
  for (const { colorScheme, size } of LOOKS) {
    // Colours that are on their way to others would be measured in between.
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    await page.setViewportSize(size)
    const violations = await page.evaluate<axe.Result[]>(ASK)
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
const ASK = `
  new Promise((painted) => requestAnimationFrame(() => requestAnimationFrame(painted)))
    .then(() => axe.run(document, { resultTypes: ['violations'] }))
    .then(({ violations }) => violations)`
