import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

export interface ServerProcess {
  readonly pid: number
  readonly address: string
  readonly logPath: string
  /** Ends it without a warning, as a power cut would. */
  kill(): Promise<void>
  /** Asks it to stop and gives its exit code. */
  stop(): Promise<number | null>
  /** The exit code, when it ends by itself. */
  readonly exited: Promise<number | null>
}

const READY_TIMEOUT_MS = 60_000
const READY_PAUSE_MS = 20

const ENTRY = fileURLToPath(new URL('../dist/server.js', import.meta.url))

/** Starts the real server as it is started in production, its log in a file, and resolves when it listens. */
export async function startServer(
  dataDir: string,
  port = '0',
  env: Readonly<Record<string, string>> = {},
): Promise<ServerProcess> {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  const logPath = join(dataDir, 'server.log')
  const child = spawn(process.execPath, ['--enable-source-maps', ENTRY], {
    env: { ...process.env, DATA_DIR: dataDir, PORT: port, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const log = createWriteStream(logPath, { flags: 'a' })
  child.stderr.pipe(process.stderr)
  child.stdout.pipe(log)
  const exited = once(child, 'exit').then(([code]) => code as number | null)
  const address = await Promise.race([listening(child), exited.then(() => undefined)])
  if (address === undefined) throw new Error(`The server did not start. Its log is ${logPath}`)
  return {
    pid: child.pid ?? 0,
    address,
    logPath,
    exited,
    async kill() {
      child.kill('SIGKILL')
      await exited
    },
    async stop() {
      child.kill('SIGTERM')
      return exited
    },
  }
}

/** The address out of the log line that says it. */
async function listening(child: ChildProcess): Promise<string | undefined> {
  if (!child.stdout) return undefined
  for await (const line of createInterface({ input: child.stdout })) {
    const address = /"address":"(http[^"]+)"/.exec(line)?.[1]
    if (address) return address
  }
  return undefined
}

/** Resolves when the server can work; it listens before its models are warm. */
export async function untilReady(address: string): Promise<void> {
  const deadline = Date.now() + READY_TIMEOUT_MS
  while (!(await fetch(`${address}/ready`)).ok) {
    if (Date.now() > deadline) throw new Error('The server did not become ready.')
    await delay(READY_PAUSE_MS)
  }
}
