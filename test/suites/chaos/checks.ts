import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Batch } from '#src/schemas/batches.js'
import type { Timeline } from '#src/schemas/library.js'
import type { TrashList } from '#src/schemas/trash.js'
import type { StageRun, Upload } from '#src/schemas/uploads.js'
import { until } from '../../helpers/until.ts'
import { type Actor, look, sha256Of } from './actions.ts'
import type { Expected, Place } from './expectations.ts'

/** How long nothing may move while something waits. A model on a busy machine takes seconds; this is stuck. */
const STUCK_MS = 120_000

/** Asks a server that is not killed; whatever it does not answer with 200 is a violation. */
async function ask<T>({ user, violated }: Actor, address: string, path: string): Promise<T | undefined> {
  const reply = await user.call<T>(address, 'GET', path)
  if (reply?.status === 200) return reply.body
  violated(`GET ${path}: ${reply?.status} ${JSON.stringify(reply?.body)}`)
  return undefined
}

/** Waits until nothing of this user's is being developed any more. */
export async function drained(actor: Actor, address: string): Promise<void> {
  let left = -1
  let movedAt = Date.now()
  const unfinished = async () => {
    const { statuses = {} } = (await ask<Timeline>(actor, address, '/v1/uploads/timeline?show_hidden=true')) ?? {}
    return (statuses.pending ?? 0) + (statuses.analyzing ?? 0) + (statuses.embedding ?? 0)
  }
  while (left !== 0) {
    await until(async () => {
      const now = await unfinished()
      const moved = now !== left
      if (moved) [left, movedAt] = [now, Date.now()]
      return moved
    })
    if (Date.now() - movedAt < STUCK_MS) continue
    actor.violated(`${left} uploads wait and nothing moves`)
    return
  }
}

/** Everything a user was promised, compared with everything that is there. The server is idle. */
export async function checkFully(actor: Actor, address: string, dataDir: string, everyByte: boolean): Promise<void> {
  const { expect, user, violated } = actor
  const [kept, trashed] = [await listKept(actor, address), await listTrashed(actor, address)]
  for (const upload of [...kept.values(), ...trashed.values()]) adopt(actor, upload)
  const placeOf = (id: string): Place => (kept.has(id) ? 'kept' : trashed.has(id) ? 'trashed' : 'removed')
  for (const expected of expect.uploads.values()) {
    const place = placeOf(expected.id)
    if (!expected.places.has(place)) violated(`${expected.id} should be ${[...expected.places]} and is ${place}`)
    expected.places = new Set([place])
    if (place !== 'removed') await checkOriginal(actor, dataDir, expected)
  }
  for (const upload of kept.values()) await checkDeveloped(actor, address, upload)
  await checkBatches(actor, address, kept)
  if (everyByte) for (const expected of expect.surely('kept')) await look(actor, address, expected)
  const there = new Set([...kept.keys(), ...trashed.keys()])
  for (const name of await namesIn(join(dataDir, 'media', user.id))) {
    if (!there.has(name)) violated(`the folder ${name} has no row`)
  }
  // Nothing will come of what was never answered and is not there.
  expect.unanswered.clear()
}

/** A row that nobody was told of: the answer was lost, or it should not be there. */
function adopt({ expect, violated }: Actor, { id, sha256 }: Upload): void {
  if (expect.uploads.has(id)) return
  const bytes = expect.unanswered.get(sha256)
  if (bytes) expect.keep(id, sha256, bytes)
  else violated(`${id} is a row from nowhere`)
}

async function checkOriginal({ user, violated }: Actor, dataDir: string, { id, sha256 }: Expected): Promise<void> {
  const folder = join(dataDir, 'media', user.id, id)
  const original = (await namesIn(folder)).find((name) => name.startsWith('original.'))
  if (original === undefined) violated(`the original of ${id} is not on the disk`)
  else if (sha256Of(await readFile(join(folder, original))) !== sha256) violated(`the original of ${id} has changed`)
}

async function checkDeveloped(actor: Actor, address: string, upload: Upload): Promise<void> {
  const { expect, user, violated, counts } = actor
  const expected = expect.uploads.get(upload.id)
  if (!expected) return
  const { id, status, attempts, error_code: code } = upload
  if (attempts > 2) violated(`${id} had ${attempts} attempts`)
  // Whoever is killed twice is given up: that is the promise. Any other failure of a sound file is not.
  if (status === 'failed' && code !== 'PROCESSING_CRASHED') violated(`${id} failed with ${code}`)
  if (status !== 'completed' && status !== 'failed') violated(`${id} is still ${status}`)
  if (!expected.touched && !user.told.has(id)) violated(`nobody was told that ${id} is ${status}`)
  if (expected.proved) return
  expected.proved = true
  if (code === 'PROCESSING_CRASHED') counts['given up'] = (counts['given up'] ?? 0) + 1
  const record = await ask<{ items: StageRun[] }>(actor, address, `/v1/uploads/${id}/stages`)
  const done = (record?.items ?? []).filter(({ outcome }) => outcome === 'done')
  const again = { probe: 0, thumbnail: 0, analyze: expected.restarts, embed: expected.restarts + expected.edits }
  const most = { ...again, index: again.embed }
  for (const [stage, restarts] of Object.entries(most)) {
    const times = done.filter((run) => run.stage === stage).length
    if (times > 1 + restarts) violated(`${id} passed ${stage} ${times} times`)
    if (times === 0 && status === 'completed' && stage !== 'thumbnail') violated(`${id} never passed ${stage}`)
  }
}

async function checkBatches(actor: Actor, address: string, kept: ReadonlyMap<string, Upload>): Promise<void> {
  const { expect, violated } = actor
  for (const { id, uploadIds, total } of expect.batches) {
    const batch = (await ask<{ batch: Batch }>(actor, address, `/v1/batches/${id}`))?.batch
    if (batch?.status !== 'completed' || batch.counts.waiting > 0) violated(`batch ${id} is ${JSON.stringify(batch)}`)
    if (batch?.counts.total !== total) violated(`batch ${id} has lost a file`)
    const ends = uploadIds.flatMap((uploadId) => {
      const processedAt = kept.get(uploadId)?.processed_at
      return expect.uploads.get(uploadId)?.touched || !processedAt ? [] : [processedAt]
    })
    if (ends.some((end, index) => end < (ends[index - 1] ?? ''))) violated(`batch ${id} was not developed in order`)
  }
}

async function listKept(actor: Actor, address: string): Promise<Map<string, Upload>> {
  const found = new Map<string, Upload>()
  for (let cursor = ''; ; ) {
    const path = `/v1/uploads?show_hidden=true&limit=100${cursor}`
    const page = await ask<{ items: Upload[]; next_cursor: string | null }>(actor, address, path)
    for (const upload of page?.items ?? []) found.set(upload.id, upload)
    if (!page?.next_cursor) return found
    cursor = `&cursor=${encodeURIComponent(page.next_cursor)}`
  }
}

async function listTrashed(actor: Actor, address: string): Promise<Map<string, Upload>> {
  const found = new Map<string, Upload>()
  for (let cursor = ''; ; ) {
    const page = await ask<TrashList>(actor, address, `/v1/trash?limit=100${cursor}`)
    for (const { upload } of page?.items ?? []) found.set(upload.id, upload)
    if (!page?.next_cursor) return found
    cursor = `&cursor=${encodeURIComponent(page.next_cursor)}`
  }
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder)
  } catch {
    return []
  }
}
