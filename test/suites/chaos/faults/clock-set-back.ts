import type { Batch, BatchDetail } from '#src/schemas/batches.js'
import type { Upload } from '#src/schemas/uploads.js'
import { form } from '../../../helpers/client.ts'
import { type Bytes, picture } from '../../../helpers/samples.ts'
import { launch } from '../server.ts'
import { signUp, type User } from '../user.ts'
import { handOver, isAllKept, type Kept, type Trial } from './fault.ts'

const HOUR_MS = 3_600_000

/** The clock of the machine is set back by an hour while the server runs: tokens, claims, order and cursors live on. */
export async function clockSetBack({ dataDir, holds }: Trial): Promise<void> {
  let server = launch(dataDir, { preloads: ['shift-clock'], env: { CLOCK_SHIFT_MS: String(-HOUR_MS) } })
  try {
    const address = await server.ready()
    const user = await signUp(address, 'clock')
    const kept: Kept[] = []
    const add = async (number: number) => {
      const { kept: one } = await handOver(user, address, number)
      if (one) kept.push(one)
    }
    for (const number of [1, 2, 3]) await add(number)
    server.signal('SIGUSR2')
    await server.logged(/the clock was set/)
    for (const number of [4, 5]) await add(number)
    holds(kept.length === 5, `the token of before is taken: ${kept.length} of 5 uploads`)
    const again = await signUp(address, 'clock')
    holds(issuedAt(again) < issuedAt(user), 'the clock was really set back')
    const [last, before] = await Promise.all([kept[4], kept[2]].map((one) => createdAt(user, address, one?.id)))
    const isEmbedded = process.env.DATABASE_URL === undefined
    holds((last ?? '') < (before ?? '') === isEmbedded, `${isEmbedded ? 'and' : 'but not'} that of the database`)
    const files: [string, Bytes][] = []
    for (let number = 10; number < 13; number++) files.push([`f${number}`, await picture(number)])
    const batch = await user.call<BatchDetail>(address, 'POST', '/v1/batches', form(files))
    for (const { upload_id: id, position } of batch?.body.items ?? []) {
      const bytes = files[position]?.[1]
      if (id && bytes) kept.push({ id, bytes })
    }
    holds(await isAllKept(user, address, kept), `${kept.length} uploads of before and after are developed`)
    const ends = await Promise.all(
      (batch?.body.items ?? []).map(async ({ upload_id: id }) => {
        const upload = await user.call<Upload>(address, 'GET', `/v1/uploads/${id}`)
        return upload?.body.processed_at ?? ''
      }),
    )
    holds(ends.length === 3 && String(ends) === String([...ends].sort()), 'the batch was developed in order')
    await server.kill()

    server = launch(dataDir)
    const restarted = await server.ready()
    const over = await user.call<{ batch: Batch }>(restarted, 'GET', `/v1/batches/${batch?.body.batch.id}`)
    holds(over?.body.batch.counts.succeeded === 3, 'and is over')
    holds((await pageThrough(user, restarted)) === kept.length, 'paging gives each upload once')
    holds(await isAllKept(user, restarted, kept), 'with the right time again everything is there')
    holds((await server.stop()) === 0, 'SIGTERM ends it with 0')
  } finally {
    await server.kill()
  }
}

/** When the server says that it gave this token, in seconds. */
function issuedAt({ authorization }: User): number {
  const claims = Buffer.from(authorization.split('.')[1] ?? '', 'base64url').toString()
  return (JSON.parse(claims) as { iat: number }).iat
}

async function createdAt(user: User, address: string, id: string | undefined): Promise<string | undefined> {
  return (await user.call<Upload>(address, 'GET', `/v1/uploads/${id}`))?.body.created_at
}

/** How many different uploads the pages of two give; -1 when one came twice. */
async function pageThrough(user: User, address: string): Promise<number> {
  const ids: string[] = []
  for (let cursor: string | null = ''; cursor !== null; ) {
    const path: string = `/v1/uploads?limit=2${cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`}`
    const page: { items: Upload[]; next_cursor: string | null } | undefined = (
      await user.call<{ items: Upload[]; next_cursor: string | null }>(address, 'GET', path)
    )?.body
    ids.push(...(page?.items ?? []).map(({ id }) => id))
    cursor = page?.next_cursor ?? null
  }
  return new Set(ids).size === ids.length ? ids.length : -1
}
