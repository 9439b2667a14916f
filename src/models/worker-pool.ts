import { MessagePort } from 'node:worker_threads'
import { Piscina } from 'piscina'
import { AppError, toError } from '../errors.ts'
import type { RunOptions } from './pack.ts'
import { createWorkQueue } from './work-queue.ts'

/** The exported functions of a worker module: each takes one message and answers with one. */
type TaskName<Module> = keyof Module & string
type TaskInput<Module, Name extends keyof Module> = Module[Name] extends (input: infer Input) => unknown ? Input : never
type TaskOutput<Module, Name extends keyof Module> = Module[Name] extends (input: never) => Promise<infer Output>
  ? Output
  : never

type Transferable = Uint8Array<ArrayBuffer> | MessagePort

export interface TaskOptions extends RunOptions {
  /** Memory and ports in the message that go over to the worker instead of being copied; they are gone here afterwards. */
  readonly transfer?: readonly Transferable[]
}

export interface WorkerPool<Module> {
  /**
   * Calls an exported function of the worker module in the next free worker.
   * @throws AppError MODEL_FAILED with what it threw as cause, NOT_READY after `close`, or the signal's reason.
   */
  run<Name extends TaskName<Module>>(
    name: Name,
    input: TaskInput<Module, Name>,
    options?: TaskOptions,
  ): Promise<TaskOutput<Module, Name>>
  /** Waits for what runs, refuses what waits, then ends the workers. Idempotent. */
  close(): Promise<void>
}

export interface WorkerPoolOptions {
  /** Absolute path of the worker module. */
  readonly filename: string
  /** The most threads. */
  readonly workers: number
  /** How long a thread that has nothing to do is kept, beside the first. Default: five minutes. */
  readonly idleMs?: number
}

/** Files that come one by one find their threads warm; a server that has nothing to do for long gives the memory back. */
const IDLE_MS = 5 * 60_000

/**
 * Threads that run inference. Ending a thread while a session runs in it aborts the whole process, so nothing here
 * ever does: a running task is not told of an abort, and closing waits. That is also why tasks wait in a queue of ours:
 * Piscina, told of a signal, kills the worker, lets such tasks pass the others, and may end busy workers as it closes.
 */
export function createWorkerPool<Module>(options: WorkerPoolOptions): WorkerPool<Module> {
  const { filename, workers, idleMs = IDLE_MS } = options
  // One thread to begin with; another is started when there is work for it: a start is half as long, and a server that
  // is fed one photo at a time takes half the memory.
  const threads = new Piscina({
    minThreads: 1,
    maxThreads: workers,
    idleTimeout: idleMs,
    recordTiming: false,
    execArgv: ['--enable-source-maps'],
  })
  // A worker that dies idle is replaced; if the reason stays, the next task brings it to somebody who waits for it.
  threads.on('error', () => undefined)
  const queue = createWorkQueue(workers)
  let closing: Promise<void> | undefined

  const runInThread = async (name: string, input: unknown, transfer: readonly Transferable[]) => {
    try {
      // The file is given with each task: a module that cannot be loaded then fails the task and not the pool.
      const transferList = transfer.map((item) => (item instanceof MessagePort ? item : item.buffer))
      return await threads.run(input, { filename, name, transferList })
    } catch (thrown) {
      throw new AppError('MODEL_FAILED', { cause: toError(thrown) })
    }
  }

  return {
    run: (name, input, { transfer = [], ...options } = {}) =>
      queue.run(() => runInThread(name, input, transfer), options),
    close() {
      closing ??= queue.close().then(() => threads.close())
      return closing
    },
  }
}
