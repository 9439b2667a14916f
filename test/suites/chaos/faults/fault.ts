import type { BatchDetail } from '#src/schemas/batches.js'
import type { Upload } from '#src/schemas/uploads.js'
import { form } from '../../../helpers/client.ts'
import { type Bytes, picture } from '../../../helpers/samples.ts'
import { until } from '../../../helpers/until.ts'
import { sha256Of } from '../actions.ts'
import type { User } from '../user.ts'

/** What a fault is tried with. */
export interface Trial {
  /** Empty, or a database in the making. */
  readonly dataDir: string
  /** Says what should hold, and whether it does. */
  readonly holds: (ok: boolean, sentence: string) => void
}

/** An upload that was acknowledged. */
export interface Kept {
  readonly id: string
  readonly bytes: Bytes
}

/** A picture handed over: what was answered, and what is promised by it. */
export async function handOver(user: User, address: string, number: number, size = 64) {
  const bytes = await picture(number, size)
  const reply = await user.call<Upload & { code?: string }>(
    address,
    'POST',
    '/v1/upload',
    form([[`p${number}.png`, bytes]]),
  )
  const acknowledged = reply?.status === 201 || reply?.status === 200
  return {
    status: reply?.status,
    code: reply?.body.code,
    kept: acknowledged ? { id: reply.body.id, bytes } : undefined,
  }
}

/** A batch of pictures that take a moment each, handed over: what is promised by it. */
export async function handOverBatch(user: User, address: string, pictures: number): Promise<Kept[]> {
  const files: [string, Bytes][] = []
  for (let number = 0; number < pictures; number++) files.push([`f${number}.png`, await picture(number, 200)])
  const batch = await user.call<BatchDetail>(address, 'POST', '/v1/batches', form(files))
  return (batch?.body.items ?? []).flatMap(({ upload_id: id, position }) => {
    const bytes = files[position]?.[1]
    return id && bytes ? [{ id, bytes }] : []
  })
}

/** Waits until an upload has ended, asking again as long as the database is away. Undefined when it never does. */
export async function ended(user: User, address: string, id: string): Promise<Upload | undefined> {
  let found: Upload | undefined
  for (let turn = 0; turn < 6 && !isOver(found); turn++) {
    await until(async () => {
      const reply = await user.call<Upload>(address, 'GET', `/v1/uploads/${id}`)
      if (reply?.status === 200) found = reply.body
      return isOver(found)
    })
  }
  return isOver(found) ? found : undefined
}

const isOver = (upload: Upload | undefined) => upload?.status === 'completed' || upload?.status === 'failed'

/** Whether everything that was acknowledged is there, whole, and developed with a thumbnail. */
export async function isAllKept(user: User, address: string, kept: readonly Kept[]): Promise<boolean> {
  for (const { id, bytes } of kept) {
    const upload = await ended(user, address, id)
    const file = await user.bytes(address, `/v1/uploads/${id}/file`)
    if (!upload?.links.thumbnail) return false
    if (upload.status !== 'completed' || file?.status !== 200 || sha256Of(file.bytes) !== sha256Of(bytes)) return false
  }
  return true
}
