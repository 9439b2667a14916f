import { mkdirSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { withDataDir } from '../chaos/faults.ts'
import { load } from './load.ts'
import { soak } from './soak.ts'

/**
 * Loads one server and says how it bears it. The clients share the machine with it: what they take, it does not get.
 * `--soak 50000` sends that many small pictures through the whole pipeline instead; `--profile <folder>` keeps a CPU profile.
 * With TEST_DATABASE_URL it is run on that PostgreSQL.
 */

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    clients: { type: 'string', default: '200' },
    sockets: { type: 'string', default: '500' },
    batch: { type: 'string', default: '2000' },
    soak: { type: 'string', default: '0' },
    profile: { type: 'string' },
  },
})
const say = (line: string) => process.stdout.write(`${line}\n`)
if (values.profile) mkdirSync(values.profile, { recursive: true })

const bad = await withDataDir((dataDir) => {
  if (Number(values.soak) > 0) return soak(dataDir, Number(values.soak), say)
  const { minutes, clients, sockets, batch } = values
  const numbers = { minutes: Number(minutes), clients: Number(clients), sockets: Number(sockets), batch: Number(batch) }
  return load({ dataDir, ...numbers, profile: values.profile, say })
})
process.exitCode = bad === 0 ? 0 : 1
