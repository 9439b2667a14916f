import { existsSync } from 'node:fs'
import { type Browser, chromium, type Page } from 'playwright-core'
import type { Test } from 'tap'

const EXECUTABLE = process.env.CHROMIUM ?? '/usr/bin/chromium'

/** Why a test with a browser is skipped; false when there is one. */
export const NO_BROWSER: string | false = existsSync(EXECUTABLE) ? false : `there is no ${EXECUTABLE} on this machine`

/** Runs in every document, before its own scripts. */
const TELL_VIOLATIONS = `
  addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI, sample }) => {
    tellViolation('the policy refused ' + [violatedDirective, blockedURI, sample].join(' '))
  })
`

export async function openBrowser(t: Test): Promise<Browser> {
  // Whoever may run tests as root has no use for the sandbox, and gets none.
  const browser = await chromium.launch({ executablePath: EXECUTABLE, args: ['--no-sandbox'] })
  t.teardown(() => browser.close())
  return browser
}

export interface Visitor {
  readonly page: Page
  /** What must never happen: a script that failed, something the policy refused, a request to somewhere else. */
  readonly problems: readonly string[]
}

/** Somebody at a computer of their own. */
export async function openVisitor(t: Test, browser: Browser, address: string): Promise<Visitor> {
  const context = await browser.newContext({ baseURL: address, viewport: { width: 1280, height: 800 } })
  t.teardown(() => context.close())
  context.setDefaultTimeout(15_000)
  const problems: string[] = []
  const tell = (problem: string) => problems.push(problem)
  await context.exposeFunction('tellViolation', tell)
  await context.addInitScript({ content: TELL_VIOLATIONS })
  context.on('weberror', (error) => tell(error.error().stack ?? String(error.error())))
  context.on('dialog', (dialog) => {
    // Whether a page may be left, a browser asks for it; everything else a page has to ask on itself.
    if (dialog.type() === 'beforeunload') return void dialog.accept()
    tell(`a dialog said ${dialog.message()}`)
    void dialog.dismiss()
  })
  context.on('request', (request) => {
    const { protocol, origin } = new URL(request.url())
    if (protocol.startsWith('http') && origin !== address) tell(`asked ${request.url()}`)
  })
  context.on('console', (message) => {
    if (message.type() === 'error' && /Content.Security.Policy/i.test(message.text())) tell(message.text())
  })
  return { page: await context.newPage(), problems }
}

export const PASSWORD = 'paper boats at noon'

/** Makes an account: a server without any offers it by itself, on an open one it is asked for. */
export const register = (visitor: Visitor, username: string) =>
  enter(visitor, username, { heading: 'Create your account', button: 'Create account', opener: 'Create an account' })

export const signIn = (visitor: Visitor, username: string) =>
  enter(visitor, username, { heading: 'Sign in', button: 'Sign in', opener: 'Sign in' })

async function enter(
  { page }: Visitor,
  username: string,
  { heading, button, opener }: { heading: string; button: string; opener: string },
): Promise<void> {
  await page.goto('/')
  const title = page.getByRole('heading', { level: 1 })
  await title.waitFor()
  if ((await title.textContent()) !== heading) await page.getByRole('button', { name: opener }).click()
  await page.getByLabel('Username').fill(username)
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD)
  await page.getByRole('button', { name: button }).click()
  await page.getByRole('navigation', { name: 'Pages' }).waitFor()
}

/** Opens a page, and resolves when it shows what it has to show. */
export async function visit(page: Page, path: string): Promise<void> {
  await page.goto(path)
  await page.locator('h1, .viewer').first().waitFor()
  await page.locator('main :is(.spinner, [aria-busy=true])').first().waitFor({ state: 'detached' })
}

export interface HandedFile {
  readonly name: string
  readonly mimeType: string
  readonly buffer: Buffer
}

export async function handOver({ page }: Visitor, files: readonly HandedFile[]): Promise<void> {
  await page
    .getByLabel('Files to add')
    .first()
    .setInputFiles([...files])
}

export async function search({ page }: Visitor, query: string): Promise<void> {
  await page.keyboard.press('/')
  await page.keyboard.type(query)
  await page.keyboard.press('Enter')
}

/** What the page itself gets when it asks the server for something. */
export async function ask<T>(
  { page }: Visitor,
  path: string,
  init: RequestInit = {},
): Promise<{ status: number; body: T }> {
  const headers = { 'content-type': 'application/json' }
  return page.evaluate(
    async ([path, init]) => {
      const response = await fetch(path, init)
      return { status: response.status, body: (await response.json()) as T }
    },
    [path, { headers, ...init }] as const,
  )
}
