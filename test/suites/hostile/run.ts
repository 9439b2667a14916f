/**
 * Hostile input against a real server in a process of its own:
 *
 *     npm run test:hostile -- --files 5000 --seed 1 --parts corpus,http,fuzz,sockets
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { startServer, untilReady } from '../../../demo/server-process.ts'
import { runCorpus } from './corpus-round.ts'
import { runFuzzer } from './fuzz.ts'
import { runHttpAttacks } from './http-attacks.ts'
import { runSocketAttacks } from './socket-attacks.ts'

const { values } = parseArgs({
  options: {
    files: { type: 'string', default: '5000' },
    seed: { type: 'string', default: '1' },
    requests: { type: 'string', default: '3000' },
    sockets: { type: 'string', default: '2000' },
    parts: { type: 'string', default: 'http,fuzz,sockets,corpus' },
  },
})

const say = (line: string) => process.stdout.write(`${line}\n`)
const dir = await mkdtemp(join(tmpdir(), 'darkroom-hostile-'))
const server = await startServer(join(dir, 'data'), '0', {
  REGISTRATION: 'open',
  RATE_LIMIT_AUTH: '100000',
  SOCKETS_PER_ADDRESS: '5000',
  // Every frame is one more picture to look at, and none is more hostile than another.
  VIDEO_MAX_FRAMES: '2',
})
const { address, pid } = server
let hasEnded = false
void server.exited.then(() => {
  hasEnded = true
})
const seed = Number(values.seed)
const parts: Record<string, () => Promise<string[]>> = {
  http: () => runHttpAttacks({ address, say }),
  fuzz: () => runFuzzer({ address, seed, requests: Number(values.requests), say }),
  sockets: () => runSocketAttacks({ address, pid, sockets: Number(values.sockets), say }),
  corpus: () => runCorpus({ address, pid, dir, files: Number(values.files), seed, say }),
}

const problems: string[] = []
try {
  await untilReady(address)
  for (const name of values.parts.split(',')) {
    say(name)
    problems.push(...((await parts[name]?.()) ?? [`There is no part ${name}`]))
    if (hasEnded) throw new Error(`The server ended during ${name}`)
  }
} finally {
  if (!hasEnded) await server.stop()
  await rm(dir, { recursive: true, force: true })
}
for (const problem of problems.slice(0, 100)) say(`PROBLEM ${problem}`)
say(`seed ${seed}: ${problems.length} problems; the server kept its process from beginning to end`)
process.exitCode = problems.length > 0 ? 1 : 0
