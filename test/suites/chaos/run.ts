import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { killRounds } from './kill-rounds.ts'

/** Proves the promises by killing the server. Exit code 1 when one was broken. */

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '200' },
    seed: { type: 'string', default: '1' },
    users: { type: 'string', default: '3' },
  },
})
const say = (line: string) => process.stdout.write(`${line}\n`)

const dataDir = await mkdtemp(join(tmpdir(), 'darkroom-chaos-'))
const result = await killRounds({
  dataDir,
  rounds: Number(values.rounds),
  seed: Number(values.seed),
  users: Number(values.users),
  fullCheckEvery: 20,
  say,
})
say(JSON.stringify(result, undefined, 2))
await rm(dataDir, { recursive: true })
process.exitCode = result.violations.length === 0 ? 0 : 1
