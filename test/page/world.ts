import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import type { Test } from 'tap'
import { type ServerProcess, startServer, untilReady } from '../../demo/server-process.ts'
import { copyTemplate } from '../helpers/database.ts'
import { NO_BROWSER, openBrowser } from './visitor.ts'

/** Why tests with a browser are skipped; false when there is all they need. */
export const SKIP: string | false = NO_BROWSER || (!existsSync('dist/page/index.html') && 'the page was not built')

/** On a busy machine. */
export const DEVELOPED_TIMEOUT_MS = 60_000

export interface World {
  readonly browser: Browser
  readonly dataDir: string
  readonly server: ServerProcess
}

interface WorldOptions {
  readonly env?: Readonly<Record<string, string>>
  /** What is there before the server starts. */
  prepare?(dataDir: string): Promise<void>
}

/** A browser, and the server as it was built, with a folder of its own; all gone when the test ends. */
export async function openWorld(t: Test, { env = {}, prepare }: WorldOptions = {}): Promise<World> {
  const dataDir = await mkdtemp(join(tmpdir(), 'darkroom-browser-'))
  t.teardown(() => rm(dataDir, { recursive: true, force: true }))
  await copyTemplate(dataDir)
  await prepare?.(dataDir)
  const server = await startServer(dataDir, '0', env)
  t.teardown(() => server.stop())
  const browser = await openBrowser(t)
  await untilReady(server.address)
  return { browser, dataDir, server }
}
