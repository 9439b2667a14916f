import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { pino } from 'pino'
import t, { type Test } from 'tap'
import { WebSocket } from 'ws'
import type { AuditEvent } from '#src/schemas/audit.js'
import { startApp } from './helpers/app.ts'
import { collect, form, openClient } from './helpers/client.ts'
import { picture } from './helpers/samples.ts'
import { layBait } from './suites/hostile/bait.ts'
import { createCorpus } from './suites/hostile/corpus/corpus.ts'
import { makeOriginals } from './suites/hostile/corpus/originals.ts'
import { feed } from './suites/hostile/feed.ts'
import { runFuzzer } from './suites/hostile/fuzz.ts'
import { ATTACKS } from './suites/hostile/http-attacks.ts'
import { say, statusOf } from './suites/hostile/raw.ts'
import { signIn } from './suites/hostile/session.ts'
import { MESSAGES } from './suites/hostile/socket-attacks.ts'

const QUICK_FILES = 60
const QUICK_REQUESTS = 200

/** Everything the server logs, at the most talkative level. */
let logged = ''
const stream = new Writable({
  write(chunk, _encoding, done) {
    logged += String(chunk)
    done()
  },
})

const ORIGIN = 'https://photos.example'
const strict = await startApp(
  t,
  {
    ...{ RATE_LIMIT_UPLOADS: '6', QUEUE_MAX_UPLOADS: '2', SOCKETS_PER_ADDRESS: '3', CORS_ORIGINS: ` ${ORIGIN} ` },
    ...{ RATE_LIMIT_IMAGE_SEARCHES: '1' },
  },
  pino({ level: 'trace' }, stream),
)
const usual = await startApp(t, { RATE_LIMIT_AUTH: '10000', VIDEO_MAX_FRAMES: '1' })
const ann = await openClient(strict.address, 'ann')

const openSocket = async (address: string, token?: string) => {
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` }
  const socket = new WebSocket(`${address.replace('http', 'ws')}/ws`, { headers })
  const heard = collect(socket)
  const refused = new Promise<number>((resolve) =>
    socket.once('unexpected-response', (_request, response) => {
      resolve(response.statusCode ?? 0)
      socket.terminate()
    }),
  )
  const opened = new Promise<number>((resolve) => socket.once('open', () => resolve(101)))
  return { ...heard, status: await Promise.race([opened, refused]) }
}

t.test('a user who fills the queue is told when to come back, and what had arrived is kept', async (t) => {
  const files = await Promise.all([50, 51, 52, 53].map(async (n) => [`${n}.png`, await picture(n)] as const))
  const answer = await ann.batch(files)
  t.match(answer.body, { status: 429, code: 'QUEUE_FULL', retry_after_seconds: Number, queue_max_uploads: 2 })
  t.match(answer.headers.get('retry-after'), /^\d+$/)
  const { body } = await ann.call<{ items: { counts: { total: number } }[] }>('GET', '/v1/batches')
  t.equal(body.items[0]?.counts.total, 2)
})

t.test('uploads and searches by a picture are counted by user, with the headers that say so', async (t) => {
  const bob = await openClient(strict.address, 'bob')
  const upload = () => bob.call('POST', '/v1/upload', { no: 'file' })
  const first = await upload()
  t.match([first.headers.get('ratelimit-limit'), first.headers.get('ratelimit-remaining')], ['6', '5'])
  for (let i = 0; i < 5; i++) await upload()
  const refused = await upload()
  t.match(refused.body, { status: 429, code: 'RATE_LIMITED' })
  t.match(refused.headers.get('retry-after'), /^\d+$/)
  t.equal((await ann.call('POST', '/v1/upload', { no: 'file' })).status, 415, 'another user')
  const search = async () => (await bob.call('POST', '/v1/search/image', form([['a.png', await picture(1)]]))).status
  t.same([await search(), await search()], [200, 429])
})

t.test('an address has so many sockets and no more, and gets them back', async (t) => {
  const open = [await openSocket(strict.address), await openSocket(strict.address), await openSocket(strict.address)]
  t.same(
    open.map(({ status }) => status),
    [101, 101, 101],
  )
  t.equal((await openSocket(strict.address)).status, 429)
  for (const { socket, closed } of open) {
    socket.close()
    await closed
  }
  const again = await openSocket(strict.address)
  t.equal(again.status, 101)
  again.socket.close()
  await again.closed
})

t.test('pages of other origins are let in only where the operator names them', async (t) => {
  const preflight = async ({ app }: typeof strict, origin: string) => {
    const headers = {
      origin,
      'access-control-request-method': 'PATCH',
      'access-control-request-headers': 'authorization',
    }
    return (await app.http.inject({ method: 'OPTIONS', url: '/v1/uploads', headers })).headers
  }
  t.match(await preflight(strict, ORIGIN), {
    'access-control-allow-origin': ORIGIN,
    'access-control-allow-methods': /PATCH/,
    'access-control-allow-headers': /authorization/,
  })
  t.notOk((await preflight(strict, ORIGIN))['access-control-allow-credentials'])
  t.notOk((await preflight(strict, 'https://evil.example'))['access-control-allow-origin'])
  t.notOk((await preflight(usual, ORIGIN))['access-control-allow-origin'], 'nobody by default')
  const { headers } = await strict.app.http.inject({ url: '/health', headers: { origin: ORIGIN } })
  t.match(headers, { 'access-control-allow-origin': ORIGIN, 'access-control-expose-headers': /retry-after/ })
})

t.test('sockets hear at once when their session, their key or the account ends', async (t) => {
  const admin = await openClient(usual.address, 'hostile', 'paper boats at noon')
  const password = 'a long walk in the rain'
  const post = async (path: string, body: object) => {
    const { body: text } = await usual.app.http.inject({ method: 'POST', url: path, payload: body })
    return JSON.parse(text || '{}') as { access_token: string; refresh_token: string; user: { id: string } }
  }
  const { user } = await post('/v1/auth/register', { username: 'carol', password })
  const login = () => post('/v1/auth/login', { username: 'carol', password })
  const ends = async (t: Test, credential: string, end: () => Promise<unknown>, message: string) => {
    const heard = await openSocket(usual.address, credential)
    await heard.until(({ action }) => action === 'auth_success')
    await end()
    t.equal((await heard.closed).code, 4003, message)
  }
  const session = await login()
  const bystander = await openSocket(usual.address, (await login()).access_token)
  await bystander.until(({ action }) => action === 'auth_success')
  await ends(t, session.access_token, () => post('/v1/auth/logout', { refresh_token: session.refresh_token }), 'logout')

  const robbed = await login()
  const stolen = { refresh_token: robbed.refresh_token }
  await post('/v1/auth/refresh', stolen)
  await ends(t, robbed.access_token, () => post('/v1/auth/refresh', stolen), 'a refresh token that comes back')

  const authorization = `Bearer ${(await login()).access_token}`
  const headers = { authorization }
  const key = (
    await usual.app.http.inject({
      method: 'POST',
      url: '/v1/api-keys',
      headers,
      payload: { name: 'k', scopes: ['read'] },
    })
  ).json<{ id: string; key: string }>()
  const removal = { method: 'DELETE' as const, url: `/v1/api-keys/${key.id}`, headers }
  await ends(t, key.key, async () => usual.app.http.inject(removal), 'a key that is removed')

  t.equal(bystander.socket.readyState, WebSocket.OPEN, 'another session of the same user goes on')
  await ends(
    t,
    (await login()).access_token,
    () => admin.call('PATCH', `/v1/users/${user.id}`, { disabled: true }),
    'disabled',
  )
  t.equal((await bystander.closed).code, 4003)
})

t.test('what happens to accounts is written down for the administrator, without secrets', async (t) => {
  const admin = await openClient(usual.address, 'hostile', 'paper boats at noon')
  const { payload } = { payload: { username: 'nobody.of.that.name', password: 'hunter2hunter2' } }
  await usual.app.http.inject({ method: 'POST', url: '/v1/auth/login', payload })
  const { body } = await admin.call<{ items: AuditEvent[] }>('GET', '/v1/audit?limit=200')
  const events = body.items.map(({ action, username }) => `${action} ${username}`)
  for (const event of [
    'registered carol',
    'signed_in carol',
    'signed_out carol',
    'refresh_reused carol',
    'api_key_made carol',
    'api_key_removed carol',
    'account_disabled carol',
    'sign_in_failed null',
  ]) {
    t.ok(events.includes(event), event)
  }
  t.notMatch(JSON.stringify(body), /hunter2|nobody\.of\.that\.name|a long walk|dk_/)
  const disabled = body.items.find(({ action }) => action === 'account_disabled')
  t.match(disabled, { actor_id: String, address: /127\.0\.0\.1|::1/ })
  t.not(disabled?.actor_id, disabled?.user_id)

  const one = await admin.call<{ items: AuditEvent[]; next_cursor: string }>(
    'GET',
    '/v1/audit?action=signed_in&limit=1',
  )
  const next = await admin.call<{ items: AuditEvent[] }>(
    'GET',
    `/v1/audit?action=signed_in&limit=1&cursor=${one.body.next_cursor}`,
  )
  t.not(next.body.items[0]?.id, one.body.items[0]?.id)
  t.equal(next.body.items[0]?.action, 'signed_in')
})

t.test('neither tokens nor names of files are in the log, however talkative', async (t) => {
  const word = 'a-very-private-name'
  const dave = await openClient(strict.address, 'dave')
  const { body } = await dave.upload(await picture(60), `${word}.png`)
  t.equal((await dave.developed(body.id)).filename, `${word}.png`)
  t.equal((await dave.upload(new Uint8Array(Buffer.from('not a picture')), `${word}.png`)).status, 415)
  const headers = { authorization: dave.authorization }
  await fetch(`${strict.address}/v1/auth/me?token=${dave.token}`, { headers })
  await dave.call('GET', `/v1/search/suggestions?prefix=${word}`)
  await dave.call('POST', '/v1/auth/refresh', { refresh_token: `${word}-refresh` })
  await dave.call('POST', '/v1/auth/login', { username: 'dave', password: `${word}-password` })
  t.ok(logged.includes('/v1/auth/me'), 'the log is being listened to')
  t.notOk(logged.includes(word), 'names, words and passwords')
  t.notOk(logged.includes(dave.token), 'tokens')
})

t.test('no shape of a request is answered with anything but a refusal', async (t) => {
  const session = await signIn(usual.address, 'hostile')
  for (const { name, bytes, right } of ATTACKS) {
    const status = statusOf(await say(usual.address, bytes(session.key)))
    t.ok(right.includes(status), `${name}: ${status}`)
  }
  for (const [name, message, code] of MESSAGES) {
    const heard = await openSocket(usual.address, session.key)
    await heard.until(({ action }) => action === 'auth_success')
    heard.socket.send(message)
    t.equal((await heard.closed).code, code, name)
  }
  await session.close()
})

t.test('what the document declares is what is answered, whatever is sent', async (t) => {
  t.same(await runFuzzer({ address: usual.address, seed: 7, requests: QUICK_REQUESTS, say: t.comment.bind(t) }), [])
})

t.test('every hostile file is refused, developed, or fails with a sentence', async (t) => {
  const dir = await mkdtemp(join(tmpdir(), 'darkroom-bait-'))
  t.teardown(() => rm(dir, { recursive: true, force: true }))
  const { bait, secret, connections, close } = await layBait(dir)
  t.teardown(close)
  const session = await signIn(usual.address, 'hostile')
  const files = createCorpus({ files: QUICK_FILES, seed: 11, originals: await makeOriginals(dir), bait })
  let count = 0
  const onFate = () => {
    count += 1
  }
  t.same(await feed({ session, files, secret, onFate }), [])
  t.equal(count, QUICK_FILES)
  t.equal(connections(), 0, 'nobody came to the listener')
  await session.close()
})
