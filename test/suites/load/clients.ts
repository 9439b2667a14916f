import { setTimeout as delay } from 'node:timers/promises'
import type { Upload } from '#src/schemas/uploads.js'
import { form } from '../../helpers/client.ts'
import { type Bytes, picture } from '../../helpers/samples.ts'
import type { Reply, User } from '../chaos/user.ts'

/** What the clients saw. */
export interface Tally {
  readonly acknowledged: { id: string; userId: string }[]
  readonly uploadMs: number[]
  readonly searchMs: number[]
  readonly errors: Map<string, number>
  pushedBack: number
}

export const createTally = (): Tally => ({
  acknowledged: [],
  uploadMs: [],
  searchMs: [],
  errors: new Map(),
  pushedBack: 0,
})

const SIZE = 48
const VARIANTS = 64
/** A server that pushes back without saying for how long is asked again after a second. */
const DEFAULT_PAUSE_SECONDS = 1

/** Small pictures that are made once; a number after their end makes each another file. */
export async function createPictures(): Promise<(number: number) => Bytes> {
  const plain = await Promise.all(Array.from({ length: VARIANTS }, (_, number) => picture(number, SIZE)))
  return (number) => {
    const original = plain[number % VARIANTS] ?? new Uint8Array()
    const bytes = new Uint8Array(original.length + 4)
    bytes.set(original)
    new DataView(bytes.buffer).setUint32(original.length, number)
    return bytes
  }
}

/** Hands a picture over, as often as the server says "later". Undefined when it was refused, or the time is over. */
export async function handOver(
  user: User,
  address: string,
  tally: Tally,
  bytes: Bytes,
  alive: () => boolean,
): Promise<string | undefined> {
  while (alive()) {
    const startedMs = performance.now()
    const reply = await user.call<Upload>(address, 'POST', '/v1/upload', form([['small.png', bytes]]))
    if (reply?.status === 201) {
      tally.uploadMs.push(performance.now() - startedMs)
      tally.acknowledged.push({ id: reply.body.id, userId: user.id })
      return reply.body.id
    }
    if (!(await isPushedBack(reply, tally))) {
      count(tally, `upload ${reply?.status ?? 'connection lost'}`)
      return undefined
    }
  }
  return undefined
}

export async function search(user: User, address: string, tally: Tally): Promise<void> {
  const startedMs = performance.now()
  const reply = await user.call(address, 'POST', '/v1/search', { query: 'a colourful pattern', limit: 20 })
  if (reply?.status === 200) tally.searchMs.push(performance.now() - startedMs)
  else if (!(await isPushedBack(reply, tally))) count(tally, `search ${reply?.status ?? 'connection lost'}`)
}

/** 429, and 503 with Retry-After, are no errors: the client waits for as long as it is told. */
async function isPushedBack(reply: Reply<unknown> | undefined, tally: Tally): Promise<boolean> {
  if (reply?.status !== 429 && reply?.status !== 503) return false
  tally.pushedBack++
  await delay(1000 * Number(reply.headers.get('retry-after') ?? DEFAULT_PAUSE_SECONDS))
  return true
}

function count({ errors }: Tally, what: string): void {
  errors.set(what, (errors.get(what) ?? 0) + 1)
}
