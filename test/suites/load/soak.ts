import { launch } from '../chaos/server.ts'
import { signUp } from '../chaos/user.ts'
import { openAfterwards } from './afterwards.ts'
import { createPictures, createTally, handOver } from './clients.ts'
import { watchVitals } from './vitals.ts'

/** So many are handed over and not yet developed. */
const AHEAD = 8
const SAY_EVERY = 1000

/** Many small uploads through the whole pipeline of one process. Gives the number that were not developed. */
export async function soak(dataDir: string, uploads: number, say: (line: string) => void): Promise<number> {
  const server = launch(dataDir)
  const address = await server.ready()
  const user = await signUp(address, 'soak')
  const pictureOf = await createPictures()
  const tally = createTally()
  const watching = await user.watch(address)
  const startedMs = performance.now()
  const vitals = watchVitals(server)
  for (let number = 0; number < uploads; number++) {
    await handOver(user, address, tally, pictureOf(number), () => true)
    await watching?.until(() => user.told.size >= number + 1 - AHEAD)
    // What was heard is counted in `told`; kept for every upload it would be this process that grows.
    if (watching) watching.messages.length = 0
    if (number % SAY_EVERY === SAY_EVERY - 1) say(`  ${number + 1} handed over: ${vitals.now()}`)
  }
  await watching?.until(() => user.told.size >= tally.acknowledged.length)
  const seconds = (performance.now() - startedMs) / 1000
  say(
    `${user.told.size} of ${uploads} uploads developed in ${seconds.toFixed(0)} s: ${(user.told.size / seconds).toFixed(2)}/s`,
  )
  say(vitals.report())
  say(`SIGTERM ended it with ${await server.stop()}`)
  const database = await openAfterwards(dataDir)
  const stages = await database.sql`
    select stage, avg(duration_ms)::float8 as mean from stage_runs where outcome = 'done' group by stage order by 2 desc`
  const [row] = await database.sql`select count(*)::int as completed from uploads where status = 'completed'`
  await database.close()
  say(`mean time of the stages, ms: ${stages.map(({ stage, mean }) => `${stage} ${mean.toFixed(0)}`).join(', ')}`)
  return uploads - Number(row?.completed)
}
