import { until } from '../../../helpers/until.ts'
import { launch } from '../server.ts'
import { signUp } from '../user.ts'
import { handOver, handOverBatch, isAllKept, type Trial } from './fault.ts'
import { openWay } from './way.ts'

const PICTURES = 6
const UPLOADS_MEANWHILE = 5

/** The PostgreSQL of DATABASE_URL says nothing any more, with every connection open, and later speaks again. */
export async function databaseSilent({ dataDir, holds }: Trial): Promise<void> {
  const way = await openWay(new URL(process.env.DATABASE_URL ?? ''))
  const server = launch(dataDir, { env: { DATABASE_URL: way.url } })
  try {
    const address = await server.ready()
    const user = await signUp(address, 'silent')
    const watching = await user.watch(address)
    const kept = await handOverBatch(user, address, PICTURES)
    await watching?.until(({ action }) => action === 'upload_completed')
    way.silence()

    const meanwhile = Array.from({ length: UPLOADS_MEANWHILE }, (_, number) => handOver(user, address, 100 + number))
    const readiness = async () => (await user.call(address, 'GET', '/ready'))?.status
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
  } finally {
    await server.kill()
    await way.close()
  }
}
