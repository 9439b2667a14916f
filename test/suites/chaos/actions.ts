import { createHash } from 'node:crypto'
import type { BatchDetail } from '#src/schemas/batches.js'
import type { Upload } from '#src/schemas/uploads.js'
import { form } from '../../helpers/client.ts'
import { type Bytes, picture } from '../../helpers/samples.ts'
import type { Expectations, Expected } from './expectations.ts'
import type { Random } from './random.ts'
import type { Reply, User } from './user.ts'

export interface Actor {
  readonly user: User
  readonly expect: Expectations
  readonly random: Random
  /** Says what should never have been answered. */
  readonly violated: (what: string) => void
  /** Pictures like no other, whoever asks. */
  readonly nextPicture: () => number
  readonly video: Bytes | undefined
  readonly counts: Record<string, number>
}

type Action = (actor: Actor, address: string) => Promise<void>

const PICTURE_SIZE = 48

export const sha256Of = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

/** What users do, and how often: the numbers are shares. */
const ACTIONS: readonly (readonly [name: string, share: number, action: Action])[] = [
  ['upload', 30, upload],
  ['batch', 6, batch],
  ['upload again', 5, uploadAgain],
  ['trash', 10, (actor, address) => remove(actor, address, 'trashed')],
  ['remove for good', 6, (actor, address) => remove(actor, address, 'removed')],
  ['restore', 8, restore],
  ['describe again', 8, regenerate],
  ['edit', 8, edit],
  ['search', 8, search],
  ['read', 12, read],
]
const SHARES = ACTIONS.reduce((sum, [, share]) => sum + share, 0)

/** Does one thing after another until told to stop, or until the server is gone. */
export async function act(actor: Actor, address: string, alive: () => boolean): Promise<void> {
  while (alive()) {
    let left = actor.random.between(1, SHARES)
    const chosen = ACTIONS.find(([, share]) => {
      left -= share
      return left <= 0
    })
    if (!chosen) continue
    actor.counts[chosen[0]] = (actor.counts[chosen[0]] ?? 0) + 1
    await chosen[2](actor, address)
  }
}

/** Whether the server did it, refused it, or left it open. Refusals that are not in `refusals` are violations. */
function judge(
  { violated }: Actor,
  what: string,
  reply: Reply<unknown> | undefined,
  done: number[],
  refusals: number[] = [],
) {
  if (reply === undefined || reply.status === 503) return 'open'
  if (done.includes(reply.status)) return 'done'
  if (!refusals.includes(reply.status)) violated(`${what}: ${reply.status} ${JSON.stringify(reply.body)}`)
  return 'refused'
}

async function upload(actor: Actor, address: string): Promise<void> {
  const { user, expect, random, nextPicture } = actor
  const number = nextPicture()
  const bytes = actor.video && random.chance(0.1) ? withTail(actor.video, number) : await picture(number, PICTURE_SIZE)
  const sha256 = sha256Of(bytes)
  expect.unanswered.set(sha256, bytes)
  const reply = await user.call<Upload>(address, 'POST', '/v1/upload', form([[`single ${number}`, bytes]]))
  if (judge(actor, 'upload', reply, [201]) === 'done' && reply) expect.keep(reply.body.id, sha256, bytes)
}

/** Bytes after the end of a video are skipped by every reader, and make it another file. */
function withTail(video: Bytes, number: number): Bytes {
  const bytes = new Uint8Array(video.length + 16)
  bytes.set(video)
  // A box of the type `free` (ISO/IEC 14496-12 section 8.1.2): its size, its type, then the number.
  const view = new DataView(bytes.buffer, video.length)
  view.setUint32(0, 16)
  bytes.set(new TextEncoder().encode('free'), video.length + 4)
  view.setUint32(8, number)
  return bytes
}

async function batch(actor: Actor, address: string): Promise<void> {
  const { user, expect, random, nextPicture } = actor
  const files: [string, Bytes][] = []
  for (let left = random.between(2, 6); left > 0; left--) {
    const number = nextPicture()
    files.push([`of a batch ${number}`, await picture(number, PICTURE_SIZE)])
  }
  for (const [, bytes] of files) expect.unanswered.set(sha256Of(bytes), bytes)
  const reply = await user.call<BatchDetail>(address, 'POST', '/v1/batches', form(files))
  if (judge(actor, 'batch', reply, [201]) !== 'done' || !reply) return
  const uploadIds = reply.body.items.flatMap(({ upload_id: id }) => id ?? [])
  if (uploadIds.length !== files.length) actor.violated(`a batch of new files holds ${JSON.stringify(reply.body)}`)
  for (const [index, id] of uploadIds.entries()) {
    const bytes = files[index]?.[1]
    if (bytes) expect.keep(id, sha256Of(bytes), bytes)
  }
  expect.batches.push({ id: reply.body.batch.id, uploadIds, total: files.length })
}

/** The same bytes again give the same upload, out of the trash. */
async function uploadAgain(actor: Actor, address: string): Promise<void> {
  const { user, expect, random } = actor
  const known = random.pick([...expect.surely('kept'), ...expect.surely('trashed')])
  if (!known) return
  const reply = await user.call<Upload>(address, 'POST', '/v1/upload', form([['again', known.bytes]]))
  const verdict = judge(actor, 'the same bytes', reply, [200])
  if (verdict !== 'refused') expect.move(known, 'kept', verdict === 'done')
  if (verdict === 'done' && reply?.body.id !== known.id) actor.violated(`${known.id} was handed over again and doubled`)
}

async function remove(actor: Actor, address: string, place: 'trashed' | 'removed'): Promise<void> {
  const { user, expect, random } = actor
  const from = place === 'removed' && random.chance(0.5) ? 'trashed' : 'kept'
  const target = random.pick(expect.surely(from))
  if (!target) return
  const reply = await user.call(address, 'POST', '/v1/uploads/bulk/delete', {
    upload_ids: [target.id],
    permanent: place === 'removed',
  })
  const verdict = judge(actor, 'delete', reply, [200])
  if (verdict !== 'refused') expect.move(target, place, verdict === 'done')
}

async function restore(actor: Actor, address: string): Promise<void> {
  const target = actor.random.pick(actor.expect.surely('trashed'))
  if (!target) return
  const reply = await actor.user.call(address, 'POST', `/v1/uploads/${target.id}/restore`)
  const verdict = judge(actor, 'restore', reply, [200])
  if (verdict !== 'refused') actor.expect.move(target, 'kept', verdict === 'done')
}

async function regenerate(actor: Actor, address: string): Promise<void> {
  const { user, expect, random } = actor
  const target = random.pick(expect.surely('kept'))
  if (!target) return
  const wasTold = user.told.delete(target.id)
  const reply = await user.call(address, 'POST', `/v1/uploads/${target.id}/regenerate-description`)
  const verdict = judge(actor, 'describe again', reply, [202], [409])
  if (verdict !== 'refused') expect.restart(target)
  if (verdict !== 'done' && wasTold) user.told.add(target.id)
}

async function edit(actor: Actor, address: string): Promise<void> {
  const target = actor.random.pick(actor.expect.surely('kept'))
  if (!target) return
  const description = `written by hand ${actor.nextPicture()}`
  const reply = await actor.user.call(address, 'PATCH', `/v1/uploads/${target.id}`, { description })
  const verdict = judge(actor, 'edit', reply, [200])
  if (verdict !== 'refused') actor.expect.describe(target, description, verdict === 'done')
}

async function search(actor: Actor, address: string): Promise<void> {
  const query = actor.random.pick(['a colourful pattern', 'written by hand', 'noise', 'boats in a harbour']) ?? ''
  judge(actor, 'search', await actor.user.call(address, 'POST', '/v1/search', { query, limit: 10 }), [200])
}

/** Looks at one upload: is it where it should be, with its bytes? */
async function read(actor: Actor, address: string): Promise<void> {
  const target = actor.random.pick([...actor.expect.uploads.values()].filter(({ places }) => places.size === 1))
  if (target) await look(actor, address, target)
}

export async function look(actor: Actor, address: string, { id, places, sha256, descriptions }: Expected) {
  const { user, violated } = actor
  const isKept = places.has('kept')
  const reply = await user.call<Upload>(address, 'GET', `/v1/uploads/${id}`)
  if (judge(actor, `read ${[...places]} ${id}`, reply, [isKept ? 200 : 404]) !== 'done' || !isKept || !reply) return
  const { body: found } = reply
  if (found.attempts > 2) violated(`${id} had ${found.attempts} attempts`)
  const written = found.edited.includes('description') ? (found.description ?? '') : undefined
  if (!descriptions.has(written)) violated(`${id} is described as ${written} and not as ${[...descriptions]}`)
  const file = await user.bytes(address, `/v1/uploads/${id}/file`)
  if (file?.status === 200 && sha256Of(file.bytes) !== sha256) violated(`the bytes of ${id} have changed`)
}
