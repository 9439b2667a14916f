import pLimit from 'p-limit'
import { Piscina } from 'piscina'
import { builtFile } from '../../paths.ts'
import type { HeicTask } from './heic-worker.ts'

/** Holds about 300 MB after a picture of 12 million pixels, so it is let go of soon after the last one. */
const IDLE_MS = 30_000
/** 12 million pixels take 0.7 s; the largest that are taken, on a busy machine, ten times that. */
const TIMEOUT_MS = 60_000

/** The HEVC decoder that sharp does not bring along, in one thread of its own, which ends when it is not needed. */
export function createHeicDecoder() {
  const filename = builtFile('media/image/heic-worker.js').href
  const pool = new Piscina<HeicTask, Uint8Array>({
    minThreads: 0,
    maxThreads: 1,
    idleTimeout: IDLE_MS,
    execArgv: ['--enable-source-maps'],
  })
  // A thread that dies while it is idle is replaced; one that dies at work fails its task.
  pool.on('error', () => undefined)
  // The pool would queue too, but then the time limit would run while a picture waits.
  const oneAtATime = pLimit(1)

  async function run(task: HeicTask, signal?: AbortSignal): Promise<Uint8Array> {
    signal?.throwIfAborted()
    const stop = AbortSignal.any([AbortSignal.timeout(TIMEOUT_MS), ...(signal === undefined ? [] : [signal])])
    try {
      return await pool.run(task, { filename, name: 'decodeHeic', signal: stop })
    } catch (thrown) {
      stop.throwIfAborted()
      throw thrown
    }
  }

  return {
    /**
     * Decodes the primary picture, upright, with its colour profile, as a TIFF.
     * @throws the signal's reason; a TimeoutError; whatever the decoder says
     */
    decode: (task: HeicTask, signal?: AbortSignal) => oneAtATime(run, task, signal),

    close: () => pool.close(),
  }
}

export type HeicDecoder = ReturnType<typeof createHeicDecoder>
