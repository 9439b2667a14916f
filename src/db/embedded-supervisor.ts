import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { setFlagsFromString } from 'node:v8'
import { Worker } from 'node:worker_threads'
import type { Logger } from 'pino'
import { builtFile } from '../paths.ts'

export interface WorkerTask {
  /** From `compilePostgres`. */
  wasm: WebAssembly.Module
  /** PostgreSQL's data folder. */
  databaseDir: string
  /** Where to serve; without it the worker only makes the data folder and ends. */
  socketPath?: string
}

/** PostgreSQL's recursion (deep JSON, nested expressions) overflows Node's default of 4 MB. */
const STACK_MB = 256
/** No statement of this program takes a minute; one that takes two is stuck. WASM cannot be interrupted, only ended. */
const STUCK_SECONDS = 120
const FIRST_RESTART_MS = 100
const LONGEST_RESTART_MS = 10_000
const CLOSE_TIMEOUT_MS = 10_000

declare global {
  /** Left out by the types of Node. */
  namespace WebAssembly {
    function compile(bytes: Uint8Array): Promise<Module>
  }
}

/**
 * Bytes of code that a function of WASM runs before V8 optimises it, eleven times the default. A start runs much of
 * PostgreSQL a few times only: optimising that took a fourth of what a start costs, and never paid.
 */
const OPTIMISED_AFTER_BYTES = 20_000_000

let compiling: Promise<WebAssembly.Module> | undefined

/**
 * PostgreSQL, compiled once for all threads of this process: each of them finds the code that an earlier one has compiled
 * and optimised, and starts in half the time.
 */
export function compilePostgres(): Promise<WebAssembly.Module> {
  compiling ??= compile()
  return compiling
}

async function compile(): Promise<WebAssembly.Module> {
  setFlagsFromString(`--wasm-tiering-budget=${OPTIMISED_AFTER_BYTES}`)
  return WebAssembly.compile(await readFile(new URL('pglite.wasm', import.meta.resolve('@electric-sql/pglite'))))
}

export function startWorker(task: WorkerTask): Worker {
  return new Worker(builtFile('db/embedded-worker.js'), {
    workerData: task,
    execArgv: ['--enable-source-maps'],
    resourceLimits: { stackSizeMb: STACK_MB },
  })
}

/** Keeps one database worker running: starts it again when it dies, ends it when it hangs. */
export async function superviseWorker(task: WorkerTask, log: Logger) {
  let failures = 0
  let missedBeats = 0
  let stopping = false
  let worker: Worker | undefined
  let restart: NodeJS.Timeout | undefined
  let wake: () => void = () => {}
  let running = new Promise<void>((resolve) => {
    wake = resolve
  })

  function start(): Promise<void> {
    return new Promise((resolve, reject) => {
      let failure: unknown
      const started = startWorker(task)
      worker = started
      started.on('message', (message) => {
        missedBeats = 0
        if (message instanceof Error) failure = message
        if (message !== 'ready') return
        failures = 0
        wake()
        resolve()
      })
      started.on('error', (error) => {
        failure = error
      })
      started.on('exit', (exitCode) => {
        reject(failure ?? new Error(`The embedded database ended with code ${exitCode} while it started.`))
        if (worker === started) afterExit(exitCode, failure)
      })
    })
  }

  function afterExit(exitCode: number, error: unknown): void {
    worker = undefined
    running = new Promise((resolve) => {
      wake = resolve
    })
    if (stopping) return
    const delayMs = Math.min(LONGEST_RESTART_MS, FIRST_RESTART_MS * 2 ** failures++)
    log.error({ err: error, exitCode, delayMs }, 'the embedded database died and is started again')
    // A start that fails ends the worker too, and so comes back here.
    restart = setTimeout(() => start().catch(() => {}), delayMs)
  }

  const watchdog = setInterval(() => {
    // Counted in ticks, not by the clock: a laptop that wakes from sleep has missed none.
    if (worker === undefined || ++missedBeats < STUCK_SECONDS) return
    missedBeats = 0
    log.error({ seconds: STUCK_SECONDS }, 'the embedded database is stuck and is ended')
    void worker.terminate()
  }, 1000)
  watchdog.unref()

  async function stop(): Promise<void> {
    stopping = true
    clearInterval(watchdog)
    clearTimeout(restart)
    if (worker === undefined) return
    const ended = once(worker, 'exit')
    worker.postMessage('close')
    const impatience = setTimeout(() => void worker?.terminate(), CLOSE_TIMEOUT_MS)
    await ended
    clearTimeout(impatience)
  }

  try {
    await start()
  } catch (thrown) {
    await stop()
    throw thrown
  }
  return {
    /** Resolves when the worker serves. */
    running: () => running,
    stop,
  }
}
