import type { Logger } from 'pino'
import { toError } from './errors.ts'

/** What was opened, closed again in the opposite order. One that fails to close does not keep the others open. */
export function createReleases(log: Logger) {
  const opened: { name: string; close: () => Promise<unknown> }[] = []
  let running: Promise<void> | undefined

  async function closeAll(): Promise<void> {
    for (const { name, close } of opened.reverse()) {
      const startedMs = performance.now()
      try {
        await close()
        log.debug({ name, ms: Math.round(performance.now() - startedMs) }, 'closed')
      } catch (thrown) {
        log.error({ name, err: toError(thrown) }, 'closing failed')
      }
    }
  }

  return {
    add(name: string, close: () => Promise<unknown>): void {
      opened.push({ name, close })
    },
    /** Closes everything, once; later calls get the same promise. */
    run(): Promise<void> {
      running ??= closeAll()
      return running
    },
  }
}
