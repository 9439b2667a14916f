import { until } from '../../../helpers/until.ts'
import { handOver, isAllKept, type Trial } from './fault.ts'
import { inTheMiddle } from './way.ts'

const UPLOADS_MEANWHILE = 5

/** The PostgreSQL of DATABASE_URL says nothing any more, with every connection open, and later speaks again. */
export async function databaseSilent(trial: Trial): Promise<void> {
  const { holds } = trial
  await inTheMiddle(trial, 'silent', async ({ way, server, address, user, kept, readiness }) => {
    way.silence()

    const meanwhile = Array.from({ length: UPLOADS_MEANWHILE }, (_, number) => handOver(user, address, 100 + number))
    holds((await readiness()) === 503, 'it says that it is not ready')
    holds((await user.call(address, 'GET', '/health'))?.status === 200, 'it says that it is alive')

    way.hear()
    await until(async () => (await readiness()) === 200)
    holds((await readiness()) === 200, 'the database speaks again: it is ready')
    const answers = new Set<string>()
    for (const { status, code, kept: single } of await Promise.all(meanwhile)) {
      answers.add(`${status} ${code ?? ''}`.trim())
      if (single) kept.push(single)
    }
    const expected = new Set(['201', '503 DATABASE_UNAVAILABLE'])
    holds(
      [...answers].every((answer) => expected.has(answer)),
      `uploads that came meanwhile are answered with ${[...answers].join(', ')}`,
    )
    holds(await isAllKept(user, address, kept), `all ${kept.length} are developed`)

    way.silence()
    const last = handOver(user, address, 200)
    holds((await server.stop()) === 0, 'it is silent for good: SIGTERM ends it with 0')
    const { status } = await last
    holds(status !== 201, `an upload that came meanwhile is answered with ${status ?? 'nothing'}`)
  })
}
