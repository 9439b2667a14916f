import type { AddressInfo } from 'node:net'
import type { Test } from 'tap'
import { createApp } from '#src/app.js'
import { type Config, loadConfig } from '#src/config.js'
import { createDataDir, silent } from './database.ts'

/** A whole Darkroom in this process: real database, real models, real sockets; closed when the test ends. */
export async function startApp(t: Test, env: Record<string, string> = {}, log = silent) {
  const { dataDir, databaseUrl } = await createDataDir(t)
  // One thread for models unless a test wants more: each loads them anew.
  const defaults = { PORT: '0', LOG_LEVEL: 'silent', REGISTRATION: 'open', MODEL_WORKERS: '1' }
  const config: Config = loadConfig({ DATA_DIR: dataDir, DATABASE_URL: databaseUrl, ...defaults, ...env })
  const app = await createApp(config, log)
  t.teardown(() => app.stop())
  await app.start()
  const { port } = app.http.server.address() as AddressInfo
  return { app, config, dataDir, address: `http://127.0.0.1:${port}` }
}
