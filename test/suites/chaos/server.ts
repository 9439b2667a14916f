import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { untilReady } from '../../../demo/server-process.ts'

export type Server = ReturnType<typeof launch>

export interface LaunchOptions {
  readonly env?: Readonly<Record<string, string>>
  /** Modules of `preloads/` that run in the server before it does, in every thread. */
  readonly preloads?: readonly string[]
  /** Folder for a CPU profile, written when it ends. */
  readonly profile?: string | undefined
}

const ENTRY = fileURLToPath(new URL('../../../dist/server.js', import.meta.url))
const LINES_KEPT = 5000

/** The log level from which on a line is a complaint: 50 is pino's error. */
const COMPLAINT = /"level":[56]0/

/**
 * Starts the real server and gives it at once, before it listens: it may be killed at any time. The process belongs to
 * a group of its own, so that what it leaves behind can be found.
 */
export function launch(dataDir: string, { env = {}, preloads = [], profile }: LaunchOptions = {}) {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  const imports = preloads.map((name) => `--import=${pathToFileURL(preloadPath(name))}`)
  const profiling = profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}`]
  const child = spawn(process.execPath, ['--enable-source-maps', ...profiling, ENTRY], {
    env: {
      ...process.env,
      DATA_DIR: dataDir,
      PORT: '0',
      REGISTRATION: 'open',
      TRUST_PROXY: 'true',
      ACCESS_TOKEN_MINUTES: '1440',
      NODE_OPTIONS: imports.join(' '),
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  // A suite that fails must not leave servers behind.
  const killIt = () => void child.kill('SIGKILL')
  process.once('exit', killIt)
  const lines: string[] = []
  const listeners = new Set<() => void>()
  const wake = () => {
    for (const listener of listeners) listener()
  }
  const ended = Promise.all([follow(child, 'stdout'), follow(child, 'stderr')])
  const exited = once(child, 'exit').then(async ([code]) => {
    process.off('exit', killIt)
    await ended
    wake()
    return code as number | null
  })

  async function follow(from: ChildProcess, name: 'stdout' | 'stderr'): Promise<void> {
    const stream = from[name]
    if (!stream) return
    for await (const line of createInterface({ input: stream })) {
      lines.push(line)
      if (lines.length > LINES_KEPT) lines.shift()
      wake()
    }
  }

  /** The first line that matches, be it there or to come; undefined when the process ends without it. */
  function logged(pattern: RegExp): Promise<string | undefined> {
    return new Promise((resolve) => {
      const check = () => {
        const found = lines.find((line) => pattern.test(line))
        if (found === undefined && child.exitCode === null && child.signalCode === null) return
        listeners.delete(check)
        resolve(found)
      }
      listeners.add(check)
      check()
    })
  }

  const address = logged(/"address":"http/).then((line) => /"address":"(http[^"]+)"/.exec(line ?? '')?.[1])

  return {
    pid: child.pid ?? 0,
    lines,
    logged,
    exited,
    /** Where it listens; undefined when it ended before. */
    address,
    /** Resolves with the address once it can work. */
    async ready(): Promise<string> {
      const found = await address
      if (found === undefined) throw new Error(`The server did not start:\n${lines.slice(-20).join('\n')}`)
      await untilReady(found)
      return found
    },
    complaints: () => lines.filter((line) => COMPLAINT.test(line)),
    async kill(): Promise<void> {
      child.kill('SIGKILL')
      await exited
    },
    async stop(): Promise<number | null> {
      child.kill('SIGTERM')
      return exited
    },
    isAlive: () => child.exitCode === null && child.signalCode === null,
    signal: (name: NodeJS.Signals) => child.kill(name),
  }
}

function preloadPath(name: string): string {
  return fileURLToPath(new URL(`./preloads/${name}.mjs`, import.meta.url))
}
