import { endSessions } from '../../../helpers/server-database.ts'
import { launch } from '../server.ts'
import { signUp } from '../user.ts'
import { handOver, handOverBatch, isAllKept, type Trial } from './fault.ts'

const PICTURES = 6
const CUTS = 10

/** The PostgreSQL of DATABASE_URL ends every session, over and over, while a batch is developed and uploads come. */
export async function cutConnections({ dataDir, holds }: Trial): Promise<void> {
  const server = launch(dataDir)
  try {
    const address = await server.ready()
    const user = await signUp(address, 'cut')
    const kept = await handOverBatch(user, address, PICTURES)
    const answers = new Set<string>()
    for (let number = 0; number < CUTS; number++) {
      const [{ status, code, kept: single }] = await Promise.all([
        handOver(user, address, 100 + number),
        endSessions(process.env.DATABASE_URL ?? ''),
      ])
      answers.add(`${status} ${code ?? ''}`.trim())
      if (single) kept.push(single)
    }
    const expected = new Set(['201', '503 DATABASE_UNAVAILABLE'])
    holds(
      [...answers].every((answer) => expected.has(answer)),
      `uploads are answered with ${[...answers].join(', ')}`,
    )
    holds(await isAllKept(user, address, kept), `${CUTS} times cut off: all ${kept.length} are developed`)
    holds((await server.stop()) === 0, 'SIGTERM ends it with 0')
  } finally {
    await server.kill()
  }
}
