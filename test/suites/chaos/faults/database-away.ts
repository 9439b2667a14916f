import { until } from '../../../helpers/until.ts'
import { handOver, isAllKept, type Trial } from './fault.ts'
import { inTheMiddle } from './way.ts'

const ATTEMPTS_MEANWHILE = 5

/** The PostgreSQL of DATABASE_URL cannot be reached in the middle of a batch, and comes back. */
export async function databaseAway(trial: Trial): Promise<void> {
  const { holds } = trial
  await inTheMiddle(trial, 'away', async ({ way, server, address, user, kept, readiness }) => {
    await way.close()

    const answers = new Set<string>()
    for (let number = 0; number < ATTEMPTS_MEANWHILE; number++) {
      const { status, code } = await handOver(user, address, 100 + number)
      answers.add(`${status} ${code ?? ''}`.trim())
    }
    holds(
      answers.size === 1 && answers.has('503 DATABASE_UNAVAILABLE'),
      `meanwhile uploads are answered with ${[...answers].join(', ')}`,
    )
    holds((await readiness()) === 503, 'it says that it is not ready')

    await way.open()
    await until(async () => (await readiness()) === 200)
    holds((await readiness()) === 200, 'the database is back: it is ready')
    const { status, kept: single } = await handOver(user, address, 200)
    holds(status === 201, `an upload is answered with ${status}`)
    if (single) kept.push(single)
    holds(await isAllKept(user, address, kept), `all ${kept.length} are developed`)
    holds((await server.stop()) === 0, 'SIGTERM ends it with 0')
  })
}
