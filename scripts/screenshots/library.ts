import { setTimeout as delay } from 'node:timers/promises'
import type { Album } from '#src/schemas/albums.js'
import type { BatchDetail } from '#src/schemas/batches.js'
import type { Upload } from '#src/schemas/uploads.js'
import { loadPictures, type Sample } from '../../demo/samples.ts'
import { makeFilm } from './film.ts'
import { paintings } from './paintings.ts'

export interface Library {
  readonly account: { username: string; password: string }
  readonly photoId: string
  readonly videoId: string | undefined
  readonly albumId: string
  readonly batchId: string
}

const ACCOUNT = { username: 'ann', password: 'paper boats at noon' }

const BOATS = 'boats in Nagasaki.jpg'

/** What its owner wrote about some of the hills. */
const OWN_WORDS = ['The hills behind the harbour, from the first boat of the day.', 'Waiting for the night boat.']

/** No picture: it is refused. */
export const NOTES: Sample = { name: 'notes.txt', bytes: new TextEncoder().encode('to buy: fixer, stop bath') }

/** How many days before today each picture was taken, over and over: some days have many, some have one. */
const DAYS_AGO = [0, 0, 0, 0, 0, 1, 1, 1, 1, 9, 9, 9, 9, 33, 33, 34, 64, 64, 64, 128, 128, 300, 300, 410]
const DAY_MS = 86_400_000

/** An account whose library has something on every page. */
export async function fillLibrary(address: string, folder: string): Promise<Library> {
  let token: string | undefined
  const session = await call<{ access_token: string }>('POST', '/v1/auth/register', ACCOUNT)
  token = session.access_token
  const samples = await loadPictures()
  const boats = samples.filter(({ name }) => name === BOATS)
  const pictures = interleave(samples, await paintings(18))
  const { batch, items } = await call<BatchDetail>(
    'POST',
    '/v1/batches',
    toForm([...pictures.slice(0, 2), NOTES, ...pictures.slice(2), ...boats]),
  )
  const film = await makeFilm('an afternoon at the harbour.mp4', [...(await paintings(2, 77)), ...boats], folder).then(
    (sample) => call<Upload>('POST', '/v1/upload', toForm([sample])),
    () => undefined,
  )
  await developed()

  const ids = [...new Set(items.flatMap(({ upload_id: id }) => id ?? []))]
  for (const [index, id] of ids.entries()) {
    const ago = (DAYS_AGO[index % DAYS_AGO.length] ?? 0) * DAY_MS + index * 600_000
    await call('PATCH', `/v1/uploads/${id}`, { taken_at: new Date(Date.now() - ago).toISOString() })
  }
  const lastMonth = new Date(Date.now() - 33 * DAY_MS).toISOString()
  if (film) await call('PATCH', `/v1/uploads/${film.id}`, { taken_at: lastMonth })
  const hills = items.flatMap(({ filename, upload_id: id }) => (/Hills|Alps|Canyon/.test(filename) && id ? [id] : []))
  const idOf = (name: string) => items.find(({ filename }) => filename === name)?.upload_id ?? ''
  for (const [index, description] of OWN_WORDS.entries()) {
    await call('PATCH', `/v1/uploads/${hills[index]}`, { description })
  }
  await developed()
  const album = await call<Album>('POST', '/v1/albums', { name: 'Hills and mountains' })
  await call('POST', `/v1/albums/${album.id}/add`, { upload_ids: hills })
  await call('PATCH', `/v1/albums/${album.id}`, { cover_id: idOf('French Alps.jpg') })
  await call('POST', '/v1/albums', { name: 'With text', rule: { has_text: true } })
  await call('POST', '/v1/albums', { name: 'Portraits', rule: { orientation: 'portrait' } })
  await call('POST', '/v1/searches', { name: 'Ships', query: 'boats' })
  await call('POST', '/v1/api-keys', { name: 'phone', scopes: ['read', 'write'] })
  await call('POST', '/v1/uploads/bulk/delete', { upload_ids: ids.slice(-3) })
  return { account: ACCOUNT, photoId: idOf(BOATS), videoId: film?.id, albumId: album.id, batchId: batch.id }

  async function call<T>(method: string, path: string, body: object): Promise<T> {
    const isForm = body instanceof FormData
    const response = await fetch(address + path, {
      method,
      headers: {
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(isForm ? {} : { 'content-type': 'application/json' }),
      },
      body: isForm ? body : JSON.stringify(body),
    })
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`)
    return (await response.json()) as T
  }

  async function developed(): Promise<void> {
    for (;;) {
      const headers = { authorization: `Bearer ${token}` }
      const answer = await fetch(`${address}/v1/uploads/timeline`, { headers })
      const { statuses } = (await answer.json()) as { statuses: Record<string, number> }
      if (!statuses.pending && !statuses.analyzing && !statuses.embedding) return
      await delay(500)
    }
  }
}

function toForm(samples: readonly Sample[]): FormData {
  const form = new FormData()
  for (const { name, bytes } of samples) form.append('file', new Blob([bytes]), name)
  return form
}

/** By turns from both, as long as there are some. */
function interleave<T>(some: readonly T[], others: readonly T[]): T[] {
  const turns = Array.from({ length: Math.max(some.length, others.length) }, (_, index) => [others[index], some[index]])
  return turns.flat().filter((one) => one !== undefined)
}
