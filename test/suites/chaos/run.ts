import { parseArgs } from 'node:util'
import { FAULTS, makeFilm, withDataDir } from './faults.ts'
import { killRounds } from './kill-rounds.ts'

/**
 * Proves the promises by killing and starving the server. `--rounds` kills at random moments chosen by `--seed`; then
 * every fault, or those whose name holds `--only`. Exit code 1 when a promise was broken. On the embedded database, or on
 * a PostgreSQL with pgvector where TEST_DATABASE_URL names one and a user who may create databases.
 */

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '200' },
    seed: { type: 'string', default: '1' },
    users: { type: 'string', default: '3' },
    only: { type: 'string', default: '' },
  },
})
const say = (line: string) => process.stdout.write(`${line}\n`)
const film = await makeFilm()
let broken = 0

for (const [name, fault] of Object.entries(FAULTS)) {
  if (!name.includes(values.only)) continue
  say(name)
  const holds = (ok: boolean, sentence: string) => {
    if (!ok) broken++
    say(`  ${ok ? 'holds ' : 'BROKEN'} ${sentence}`)
  }
  await withDataDir((dataDir) => fault({ dataDir, holds }, film ?? new Uint8Array()))
}

if (Number(values.rounds) > 0) {
  const options = { rounds: Number(values.rounds), seed: Number(values.seed), users: Number(values.users) }
  const result = await withDataDir((dataDir) =>
    killRounds({ dataDir, ...options, fullCheckEvery: 20, video: film, say }),
  )
  broken += result.violations.length
  const { kills, killedBeforeListening, stops, acknowledged, counts } = result
  say(
    `${options.rounds} rounds, ${kills} kills (${killedBeforeListening} while it started), ${stops} stops, ` +
      `${acknowledged} uploads acknowledged, ${result.violations.length} violations`,
  )
  say(
    Object.entries(counts)
      .map(([what, count]) => `${what} ${count}`)
      .join(', '),
  )
}
say(broken === 0 ? 'Every promise was kept.' : `${broken} promises were broken.`)
process.exitCode = broken === 0 ? 0 : 1
