import { promisify } from 'node:util'
import type { Logger } from 'pino'
import { toError } from '../errors.ts'

/** Long enough that the next file of somebody who hands over one after another has begun. */
const QUIET_MS = 10_000
/** By then the threads have been let go of that had no work for five minutes. */
const LONG_QUIET_MS = 6 * 60_000

/**
 * Gives the system back what the C library keeps of pictures and tensors that are gone. glibc returns only what lies at
 * the end of a heap, and has a heap for each thread: without this a server keeps what its busiest minute took. Where the
 * C library has no `malloc_trim` (musl, macOS, Windows) nothing is done.
 * @see https://man7.org/linux/man-pages/man3/malloc_trim.3.html
 */
export function createSpareMemory(log: Logger, { quietMs = QUIET_MS, longQuietMs = LONG_QUIET_MS } = {}) {
  let soon: NodeJS.Timeout | undefined
  let later: NodeJS.Timeout | undefined
  let trim: Promise<() => Promise<void>> | undefined

  async function giveBack(): Promise<void> {
    trim ??= findTrim(log)
    const run = await trim
    const [startedMs, beforeBytes] = [performance.now(), process.memoryUsage.rss()]
    await run()
    const [ms, bytes] = [performance.now() - startedMs, beforeBytes - process.memoryUsage.rss()]
    log.debug({ ms: Math.round(ms), mb: Math.round(bytes / 2 ** 20) }, 'gave back spare memory')
  }

  function after(delayMs: number, then: () => void = () => {}): NodeJS.Timeout {
    return setTimeout(() => {
      then()
      giveBack().catch((thrown) => log.warn({ err: toError(thrown) }, 'spare memory is kept'))
    }, delayMs).unref()
  }

  return {
    /** To be told when what took memory has ended, however often. */
    idle(): void {
      soon ??= after(quietMs, () => {
        soon = undefined
      })
      clearTimeout(later)
      later = after(longQuietMs)
    },
    stop(): void {
      clearTimeout(soon)
      clearTimeout(later)
    },
  }
}

/** Runs in the thread pool: it looks through every heap, for some ten milliseconds. */
async function findTrim(log: Logger): Promise<() => Promise<void>> {
  try {
    if (process.platform !== 'linux') throw new Error('Only glibc has one.')
    const { default: koffi } = await import('koffi')
    const trim = promisify(koffi.load('libc.so.6').func('int malloc_trim(size_t pad)').async)
    return async () => void (await trim(0))
  } catch (thrown) {
    log.debug({ err: toError(thrown) }, 'no malloc_trim here')
    return async () => {}
  }
}
