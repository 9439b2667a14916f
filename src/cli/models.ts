import { loadConfig } from '../config.ts'
import { runModels } from './run-models.ts'

/** The process behind `npm run models -- COMMAND`. It needs no server and disturbs none that runs. */

const stopping = new AbortController()
// The second Ctrl-C ends the program at once: nothing listens any more.
for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stopping.abort())

process.exitCode = await runModels(process.argv.slice(2), {
  loadConfig,
  stdout: process.stdout,
  stderr: process.stderr,
  signal: stopping.signal,
})
