import type { Locator, Page } from 'playwright-core'
import type { Test } from 'tap'
import type { HandedFile, Visitor } from './visitor.ts'

/** What somebody does who has no mouse. */

/** More than any page of a small library has. */
const TABS_MOST = 60

const hasFocus = (target: Locator) =>
  target.evaluate(
    (element) => element === (element as { ownerDocument: { activeElement: unknown } }).ownerDocument.activeElement,
  )

/** Tab, until it has the focus. */
async function tabTo(page: Page, target: Locator): Promise<void> {
  await target.waitFor()
  for (let tabs = 0; tabs < TABS_MOST; tabs++) {
    if (await hasFocus(target)) return
    await page.keyboard.press('Tab')
  }
  throw new Error(`Tab does not lead to ${target}.`)
}

/** Resolves when it has the focus by itself. */
async function untilFocused(target: Locator): Promise<void> {
  await target.and(target.page().locator(':focus')).waitFor()
}

export async function handOverByKeyboard({ page }: Visitor, files: readonly HandedFile[]): Promise<void> {
  // Asked for ahead of the questions to the page: a key can overtake the browser's order to hand the chooser to us.
  const chooser = page.waitForEvent('filechooser')
  await tabTo(page, page.getByRole('button', { name: 'Add photos and videos' }))
  await page.keyboard.press('Enter')
  await untilFocused(page.getByRole('menuitem', { name: 'Choose files' }))
  await page.keyboard.press('Enter')
  await (await chooser).setFiles([...files])
  await untilFocused(page.getByRole('button', { name: 'Add photos and videos' }))
}

/** Opens a hit of the search that is shown, and comes back to it. */
export async function openAndClose(t: Test, { page }: Visitor, hit: Locator, name: string): Promise<void> {
  await tabTo(page, hit)
  await page.keyboard.press('Enter')
  const viewer = page.getByRole('dialog', { name })
  await viewer.getByRole('img').first().waitFor()
  t.match(page.url(), /\/photo\/[0-9a-f-]{36}$/)
  await page.keyboard.press('Escape')
  await untilFocused(hit)
}

/** Of two photos: chooses both, puts one into the trash and takes it out again. */
export async function selectAndDelete(t: Test, { page }: Visitor): Promise<void> {
  await tabTo(page, page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Photos' }))
  await page.keyboard.press('Enter')
  const photos = page.getByRole('grid').getByRole('link')
  const told = page.getByRole('status')
  await tabTo(page, photos.first())
  await page.keyboard.press('Space')
  await page.keyboard.press('Shift+ArrowRight')
  await told.filter({ hasText: '2 uploads selected' }).waitFor()
  await untilFocused(photos.nth(1))

  const toAlbum = page.getByRole('toolbar', { name: 'Selection' }).getByRole('button', { name: 'Add to album' })
  await tabTo(page, toAlbum)
  await page.keyboard.press('Enter')
  await page.getByRole('dialog', { name: 'Add to album' }).waitFor()
  await page.keyboard.press('Escape')
  await untilFocused(toAlbum)

  await page.keyboard.press('Escape')
  await told.filter({ hasText: 'Nothing selected' }).waitFor()
  await untilFocused(photos.nth(1))
  for (const undo of [() => undoByTab(page), () => page.keyboard.press('Control+z')]) {
    await page.keyboard.press('Space')
    await toAlbum.waitFor()
    await page.keyboard.press('Delete')
    await told.filter({ hasText: '1 upload moved to the trash.' }).waitFor()
    await untilFocused(photos.first())
    t.equal(await photos.count(), 1)
    await undo()
    await photos.nth(1).waitFor()
    await untilFocused(photos.first())
    await page.keyboard.press('ArrowRight')
    await untilFocused(photos.nth(1))
  }
}

async function undoByTab(page: Page): Promise<void> {
  await tabTo(page, page.getByRole('button', { name: 'Undo' }))
  await page.keyboard.press('Enter')
}
