import { until } from '../../../helpers/until.ts'
import { launch } from '../server.ts'
import { signUp } from '../user.ts'
import { handOver, handOverBatch, isAllKept, type Trial } from './fault.ts'
import { openWay } from './way.ts'

const PICTURES = 6
const ATTEMPTS_MEANWHILE = 5

/** The PostgreSQL of DATABASE_URL cannot be reached in the middle of a batch, and comes back. */
export async function databaseAway({ dataDir, holds }: Trial): Promise<void> {
  const way = await openWay(new URL(process.env.DATABASE_URL ?? ''))
  const server = launch(dataDir, { env: { DATABASE_URL: way.url } })
  try {
    const address = await server.ready()
    const user = await signUp(address, 'away')
    const watching = await user.watch(address)
    const kept = await handOverBatch(user, address, PICTURES)
    await watching?.until(({ action }) => action === 'upload_completed')
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
    const readiness = async () => (await user.call(address, 'GET', '/ready'))?.status
    holds((await readiness()) === 503, 'it says that it is not ready')

    await way.open()
    await until(async () => (await readiness()) === 200)
    holds((await readiness()) === 200, 'the database is back: it is ready')
    const { status, kept: single } = await handOver(user, address, 200)
    holds(status === 201, `an upload is answered with ${status}`)
    if (single) kept.push(single)
    holds(await isAllKept(user, address, kept), `all ${kept.length} are developed`)
    holds((await server.stop()) === 0, 'SIGTERM ends it with 0')
  } finally {
    await server.kill()
    await way.close()
  }
}
