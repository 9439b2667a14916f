import { randomUUID } from 'node:crypto'
import { createSigner } from 'fast-jwt'
import type { OpenSession } from '#src/schemas/accounts.js'
import { type Client, openClient } from '../../helpers/client.ts'
import { picture } from '../../helpers/samples.ts'
import type { Ids } from './routes.ts'

/** What stands in the owner's things and nowhere else. */
const SECRETS = {
  filename: 'the-owners-harbour-at-night.png',
  description: 'harbour lights of the owner',
  album: 'owners album',
  search: 'owners search',
  key: 'owners key',
}

/** An administrator, an owner with one of everything, a stranger with the same, and one who was disabled. */
export async function createWorld(address: string, tokenSecret: string) {
  const administrator = await openClient(address, 'the-administrator')
  const owner = await openClient(address, 'the-owner')
  const stranger = await openClient(address, 'some-stranger')
  const disabled = await openClient(address, 'was-disabled')
  const ids = await furnish(owner, 0, SECRETS)
  const mine = await furnish(stranger, 100, {
    filename: 'a.png',
    description: 'harbour of mine',
    album: 'a',
    search: 's',
    key: 'k',
  })
  const keys = { read: await makeKey(owner, SECRETS.key, 'read'), write: await makeKey(owner, SECRETS.key, 'write') }
  const disabledKey = await makeKey(disabled, 'k', 'read')
  await administrator.call('PATCH', `/v1/users/${await idOf(disabled)}`, { disabled: true })
  return {
    administrator,
    owner,
    stranger,
    ids,
    strangersIds: mine,
    nobodysIds: mapIds(ids, () => `01900000-0000-7000-8000-${randomUUID().slice(-12)}`),
    keys,
    administratorsKey: await makeKey(administrator, 'k', 'read', 'write'),
    secrets: [...Object.values(SECRETS), 'the-owner', ...Object.values(ids)],
    worthless: [
      ...forgedTokens(owner.token, tokenSecret),
      ['a token of a user who is disabled', disabled.token],
      ['a key of a user who is disabled', disabledKey],
    ] as const,
  }
}

export type World = Awaited<ReturnType<typeof createWorld>>

async function furnish(client: Client, seed: number, names: typeof SECRETS): Promise<Ids> {
  const make = async (path: string, body: object) => {
    const answer = await client.call<{ id: string }>('POST', path, body)
    if (answer.status !== 201) throw new Error(`${path}: ${JSON.stringify(answer.body)}`)
    return answer.body.id
  }
  const { body } = await client.batch([
    [names.filename, await picture(seed)],
    ['other.png', await picture(seed + 1)],
    ['trashed.png', await picture(seed + 2)],
  ])
  await client.finished(body.batch.id)
  const [upload = '', otherUpload = '', trashed = ''] = body.items.map(({ upload_id }) => upload_id ?? '')
  await client.call('PATCH', `/v1/uploads/${upload}`, { description: names.description })
  await client.call('DELETE', `/v1/uploads/${trashed}`)
  const album = await make('/v1/albums', { name: names.album })
  await client.call('POST', `/v1/albums/${album}/add`, { upload_ids: [upload, otherUpload] })
  const search = await make('/v1/searches', { name: names.search, query: 'harbour' })
  const key = await make('/v1/api-keys', { name: names.key, scopes: ['read'] })
  const [user, session] = [await idOf(client), await otherSession(client)]
  const archive = await make('/v1/archives', { upload_ids: [upload] })
  return { upload, otherUpload, trashed, batch: body.batch.id, album, search, key, user, session, archive }
}

async function makeKey(client: Client, name: string, ...scopes: string[]): Promise<string> {
  return (await client.call<{ key: string }>('POST', '/v1/api-keys', { name, scopes })).body.key
}

async function idOf(client: Client): Promise<string> {
  return (await client.call<{ user: { id: string } }>('GET', '/v1/auth/me')).body.user.id
}

/** A session of the same user that nobody uses. */
async function otherSession(client: Client): Promise<string> {
  await openClient(client.address, client.username)
  const { items } = (await client.call<{ items: OpenSession[] }>('GET', '/v1/auth/sessions')).body
  const other = items.find(({ current }) => !current)
  if (!other) throw new Error('There is one session only.')
  return other.id
}

export function mapIds(ids: Ids, change: (id: string) => string): Ids {
  const { upload, otherUpload, trashed, batch, album, search, key, user, session, archive } = ids
  return {
    upload: change(upload),
    otherUpload: change(otherUpload),
    trashed: change(trashed),
    batch: change(batch),
    album: change(album),
    search: change(search),
    key: change(key),
    user: change(user),
    session: change(session),
    archive: change(archive),
  }
}

/** Tokens that name somebody and must not be believed. */
function forgedTokens(token: string, secret: string): [string, string][] {
  const [head = '', payload = '', signature = ''] = token.split('.')
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as { sub: string; sid: string; exp: number }
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const sign = (key: string, clockTimestamp: number) => {
    const signer = createSigner({ key, algorithm: 'HS256', iss: 'darkroom', expiresIn: 60_000, clockTimestamp })
    return signer({ sub: claims.sub, sid: claims.sid })
  }
  return [
    ['an expired token', sign(secret, Date.now() - 3_600_000)],
    ['a token with other claims', `${head}.${encode({ ...claims, exp: claims.exp + 1 })}.${signature}`],
    ['a token with another signature', sign(`${secret}!`, Date.now())],
    ['a token with the algorithm none', `${encode({ alg: 'none', typ: 'JWT' })}.${payload}.`],
  ]
}
