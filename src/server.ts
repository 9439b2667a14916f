import { pino } from 'pino'
import { createApp } from './app.ts'
import { loadConfig } from './config.ts'
import { AppError, toError } from './errors.ts'

/** The process: configuration, log, application, signals, and an end in a stated time. */

const EXIT_FAILED = 1

try {
  await main()
} catch (thrown) {
  // What the operator can mend is said in a sentence; everything else with its stack.
  const error = toError(thrown)
  process.stderr.write(`${error instanceof AppError ? error.message : error.stack}\n`)
  process.exit(EXIT_FAILED)
}

async function main(): Promise<void> {
  const config = loadConfig()
  const log = pino({
    level: config.logLevel,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    ...(process.stdout.isTTY ? { transport: { target: 'pino-pretty' } } : {}),
  })
  const app = await createApp(config, log)

  let stopping = false
  const stop = (reason: string, exitCode: number) => {
    if (stopping) return
    stopping = true
    log.info({ reason }, 'stopping')
    const deadline = setTimeout(() => {
      log.error({ shutdownMs: config.shutdownMs }, 'stopping took too long; what still ran is left for the next start')
      process.exit(EXIT_FAILED)
    }, config.shutdownMs)
    void app.stop().then(() => {
      clearTimeout(deadline)
      log.info('stopped')
      process.exitCode = exitCode
      // Nothing of ours is open any more; a library's forgotten timer must not keep the process.
      setImmediate(() => process.exit())
    })
  }
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => stop(signal, 0))
  for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
    process.on(event, (thrown: unknown) => {
      // The state of the program is unknown now; the rows are not. End in order and let the next start resume.
      log.fatal({ err: toError(thrown) }, event)
      stop(event, EXIT_FAILED)
    })
  }

  try {
    await app.start()
  } catch (thrown) {
    // Told to stop while starting: the end is under way already.
    if (stopping) return
    await app.stop()
    throw thrown
  }
}
