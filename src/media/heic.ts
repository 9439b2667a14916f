import { extname } from 'node:path'
import { Piscina } from 'piscina'
import type { HeicTask } from './heic-worker.ts'

/** Holds about 300 MB after a picture of 12 million pixels, so it is let go of soon after the last one. */
const IDLE_MS = 30_000
/** 12 million pixels take 0.7 s; the largest that are taken, on a busy machine, ten times that. */
const TIMEOUT_MS = 60_000

/** The HEVC decoder that sharp does not bring along, in one thread of its own, which ends when it is not needed. */
export function createHeicDecoder() {
  const pool = new Piscina<HeicTask, Uint8Array>({
    filename: new URL(`./heic-worker${extname(import.meta.url)}`, import.meta.url).href,
    minThreads: 0,
    maxThreads: 1,
    idleTimeout: IDLE_MS,
  })

  return {
    /**
     * Decodes the primary picture, upright, with its colour profile, as a TIFF.
     * @throws the signal's reason; a TimeoutError; whatever the decoder says
     */
    async decode(task: HeicTask, signal?: AbortSignal): Promise<Uint8Array> {
      const stop = AbortSignal.any([AbortSignal.timeout(TIMEOUT_MS), ...(signal === undefined ? [] : [signal])])
      try {
        return await pool.run(task, { name: 'decodeHeic', signal: stop })
      } catch (thrown) {
        stop.throwIfAborted()
        throw thrown
      }
    },

    close: () => pool.close(),
  }
}

export type HeicDecoder = ReturnType<typeof createHeicDecoder>
