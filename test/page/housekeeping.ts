import { readFile } from 'node:fs/promises'
import type { Test } from 'tap'
import { readZip } from '../helpers/zip.ts'
import type { Visitor } from './visitor.ts'

/** Makes an album of what a search finds, saves it as a ZIP, and changes what it finds. @returns names in the ZIP */
export async function keepAlbum({ page }: Visitor, query: string): Promise<string[]> {
  const dialog = page.getByRole('dialog')
  await page.goto(`/search?q=${query}`)
  await page.getByRole('button', { name: 'Save as album' }).click()
  await dialog.getByLabel('Name').fill('Found')
  await dialog.getByRole('button', { name: 'Make the album' }).click()
  await page.getByRole('button', { name: 'Open' }).click()
  await page.getByText(`Search: ${query}`).waitFor()
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Download all of it as ZIP' }).click(),
  ])
  const zip = readZip(await readFile(await download.path()))

  await page.getByRole('button', { name: 'More' }).click()
  await page.getByRole('menuitem', { name: 'Change what it finds' }).click()
  await dialog.getByLabel('Search').fill('near:nowhere')
  await dialog.getByRole('button', { name: 'Save' }).click()
  await dialog.getByText(/^Character \d+ of the query/).waitFor()
  await dialog.getByLabel('Search').fill(`${query} -${query}`)
  await dialog.getByRole('button', { name: 'Save' }).click()
  await page.getByText('What its rule finds will be here').waitFor()
  return zip.map(({ name }) => name)
}

/** Sees where one is signed in, and signs out everywhere else. */
export async function endOtherSessions(t: Test, { page }: Visitor): Promise<void> {
  await page.goto('/settings?part=account')
  const sessions = page.getByRole('list', { name: 'Sessions' }).getByRole('listitem')
  await sessions.nth(1).waitFor()
  t.equal(await sessions.filter({ hasText: 'this one' }).count(), 1)
  await page.getByRole('button', { name: 'Sign out everywhere else' }).click()
  await sessions.nth(1).waitFor({ state: 'detached' })
  t.match(await sessions.textContent(), 'Chrome on Linux')
}
