import { hash, parseOptions } from '@node-rs/argon2'
import { createSigner } from 'fast-jwt'
import t, { type Test } from 'tap'
import type { CreatedApiKey, OpenSession, Session } from '#src/schemas/accounts.js'
import { createPasswords, DECOY_HASH } from '#src/services/passwords.js'
import { bearer, createAccountsServer, PASSWORD, TOKEN_SECRET } from './helpers/accounts-server.ts'
import { openTestDatabase } from './helpers/database.ts'

const { sql } = await openTestDatabase(t)

const NOBODY = '01900000-0000-7000-8000-000000000000'

t.test('registration', async (t) => {
  t.test('the first of twenty that register at once becomes the administrator, the others are refused', async (t) => {
    const server = await createAccountsServer(t, sql, { registration: 'closed' })
    const door = async () => (await server.get('/v1/client-config')).json()
    t.match(await door(), { has_accounts: false, registration_open: true }, 'open while nobody is there')
    const responses = await Promise.all(
      Array.from({ length: 20 }, (_, i) =>
        server.post('/v1/auth/register', { username: `user${i}`, password: PASSWORD }),
      ),
    )
    const created = responses.filter(({ statusCode }) => statusCode === 201)
    t.equal(created.length, 1)
    t.equal(created[0]?.json<Session>().user.role, 'administrator')
    for (const refused of responses.filter((response) => !created.includes(response)))
      t.match(refused.json(), { status: 403, code: 'REGISTRATION_CLOSED' })
    t.strictSame([...(await sql`select role from users`)], [{ role: 'administrator' }])
    t.match(await door(), { has_accounts: true, registration_open: false }, 'closed from then on')
  })

  t.test('where it is open, twenty at once become one administrator and nineteen members', async (t) => {
    const server = await createAccountsServer(t, sql)
    const sessions = await Promise.all(Array.from({ length: 20 }, (_, i) => server.register(`user${i}`)))
    const roles = sessions.map(({ user }) => user.role)
    t.equal(roles.filter((role) => role === 'administrator').length, 1)
    t.equal(roles.filter((role) => role === 'member').length, 19)
    t.match((await server.get('/v1/client-config')).json(), { has_accounts: true, registration_open: true })
  })

  t.test('a name is taken without regard to case, also by two at once', async (t) => {
    const server = await createAccountsServer(t, sql)
    const responses = await Promise.all(
      ['Ansel', 'ansel'].map((username) => server.post('/v1/auth/register', { username, password: PASSWORD })),
    )
    t.strictSame(responses.map(({ statusCode }) => statusCode).sort(), [201, 409])
    const again = await server.post('/v1/auth/register', { username: 'ANSEL', password: PASSWORD })
    t.match(again.json(), { status: 409, code: 'USERNAME_TAKEN' })
  })

  t.test('what cannot be an account is refused with its reason', async (t) => {
    const server = await createAccountsServer(t, sql)
    const attempts: [object, string][] = [
      [{ username: 'ansel', password: 'Password123' }, 'PASSWORD_TOO_COMMON'],
      [{ username: 'ansel', password: 'abababababab' }, 'PASSWORD_TOO_COMMON'],
      [{ username: 'ansel.adams', password: 'Ansel.Adams' }, 'PASSWORD_TOO_COMMON'],
      [{ username: 'ansel', password: 'too short' }, 'VALIDATION_FAILED'],
      [{ username: 'ansel', password: 'x'.repeat(201) }, 'VALIDATION_FAILED'],
      [{ username: 'a', password: PASSWORD }, 'VALIDATION_FAILED'],
      [{ username: 'ansel adams', password: PASSWORD }, 'VALIDATION_FAILED'],
      [{ username: 'ansel\u0000', password: PASSWORD }, 'VALIDATION_FAILED'],
      [{ username: '.ansel', password: PASSWORD }, 'VALIDATION_FAILED'],
      [{ username: 12, password: PASSWORD }, 'VALIDATION_FAILED'],
      [{ username: 'ansel', password: PASSWORD, role: 'administrator' }, 'VALIDATION_FAILED'],
    ]
    for (const [body, code] of attempts) {
      const response = await server.post('/v1/auth/register', body)
      t.match(response.json(), { status: 400, code }, JSON.stringify(body))
    }
    t.strictSame([...(await sql`select 1 from users`)], [])
  })
})

t.test('passwords', async (t) => {
  const server = await createAccountsServer(t, sql)
  const { user } = await server.register('Ansel')

  t.test('are kept as argon2id hashes, and the decoy for unknown names costs the same', async (t) => {
    const [row] = await sql<{ passwordHash: string }[]>`select password_hash from users`
    t.match(row?.passwordHash, /^\$argon2id\$v=19\$m=19456,t=2,p=1\$/)
    t.strictSame(parseOptions(DECOY_HASH), parseOptions(row?.passwordHash ?? ''))
    t.equal(await createPasswords().verify(undefined, 'whatever it is'), false)
  })

  t.test('open a session, whatever the case of the name', async (t) => {
    const response = await server.post('/v1/auth/login', { username: 'ANSEL', password: PASSWORD })
    t.equal(response.statusCode, 200)
    t.equal(response.headers['cache-control'], 'no-store')
    t.match(response.json<Session>(), { user, token_type: 'Bearer', expires_in: 900 })
    t.notMatch(response.body, /argon2|password/)
  })

  t.test('are the same from another keyboard', async (t) => {
    await server.post('/v1/auth/register', { username: 'accent', password: 'caf\u00e9 au lait' })
    const response = await server.post('/v1/auth/login', { username: 'accent', password: 'cafe\u0301 au lait' })
    t.equal(response.statusCode, 200)
  })

  t.test('that are wrong and names that are unknown get the same answer', async (t) => {
    const [wrong, unknown] = await Promise.all([
      server.post('/v1/auth/login', { username: 'ansel', password: 'not the password' }),
      server.post('/v1/auth/login', { username: 'nobody', password: PASSWORD }),
    ])
    const { request_id: _, ...problem } = wrong.json()
    t.match(problem, { status: 401, code: 'CREDENTIALS_WRONG' })
    t.match(unknown.json(), problem)
    t.match(wrong.headers['www-authenticate'], /^Bearer/)
  })

  t.test('that are changed while a login with the old one is under way leave it no session', async (t) => {
    const passwords = createPasswords()
    let onVerified = async () => {}
    const verify: typeof passwords.verify = async (storedHash, password) => {
      const matches = await passwords.verify(storedHash, password)
      const run = onVerified
      onVerified = async () => {}
      await run()
      return matches
    }
    const server = await createAccountsServer(t, sql, { passwords: { ...passwords, verify } })
    const { user, access_token } = await server.register('ansel')
    const login = () => server.post('/v1/auth/login', { username: 'ansel', password: PASSWORD })
    const countSessions = async () =>
      (await sql`select 1 from sessions where user_id = ${user.id} and ended_at is null`).length

    onVerified = async () => {
      const change = { current_password: PASSWORD, new_password: 'another long password' }
      t.equal((await server.post('/v1/auth/password', change, bearer(access_token))).statusCode, 200)
    }
    t.match((await login()).json(), { status: 401, code: 'CREDENTIALS_WRONG' })
    t.equal(await countSessions(), 1, 'the one that the change opened')

    await sql`update users set password_hash = ${await passwords.hash(PASSWORD)} where id = ${user.id}`
    onVerified = async () => {
      await sql`update users set disabled_at = now() where id = ${user.id}`
    }
    t.match((await login()).json(), { code: 'CREDENTIALS_WRONG' }, 'the same for an account that is disabled meanwhile')
    t.equal(await countSessions(), 1)
  })

  t.test('can be changed, which ends every other session and leaves API keys alone', async (t) => {
    const [old, other] = await Promise.all([server.register('changer'), server.register('bystander')])
    const key = (
      await server.post('/v1/api-keys', { name: 'k', scopes: ['read'] }, bearer(old.access_token))
    ).json<CreatedApiKey>()
    const change = (current_password: string, new_password: string) =>
      server.post('/v1/auth/password', { current_password, new_password }, bearer(old.access_token))

    t.match((await change('not the password', 'another long password')).json(), { code: 'CREDENTIALS_WRONG' })
    t.match((await change(PASSWORD, 'qwertyuiop')).json(), { code: 'PASSWORD_TOO_COMMON' })
    const changed = await change(PASSWORD, 'another long password')
    t.equal(changed.statusCode, 200)

    t.equal((await server.get('/v1/auth/me', bearer(old.access_token))).statusCode, 401)
    t.equal((await server.post('/v1/auth/refresh', { refresh_token: old.refresh_token })).statusCode, 401)
    t.equal((await server.get('/v1/auth/me', bearer(changed.json<Session>().access_token))).statusCode, 200)
    t.equal((await server.get('/v1/auth/me', bearer(key.key))).statusCode, 200)
    t.equal((await server.get('/v1/auth/me', bearer(other.access_token))).statusCode, 200)
    t.match((await server.post('/v1/auth/login', { username: 'changer', password: PASSWORD })).json(), { status: 401 })
  })
})

t.test('access tokens', async (t) => {
  const server = await createAccountsServer(t, sql)
  const session = await server.register('ansel')
  const sessionId = server.tokens.read(session.access_token).sessionId

  const isRefused = async (t: Test, token: string, message: string) => {
    const response = await server.get('/v1/auth/me', bearer(token))
    t.match(response.json(), { status: 401, code: 'TOKEN_INVALID' }, message)
    t.match(response.headers['www-authenticate'], /error="invalid_token"/)
    await t.rejects(server.identify(token), { code: 'TOKEN_INVALID' }, `${message}, also for a socket`)
  }

  t.test('tell who asks', async (t) => {
    const response = await server.get('/v1/auth/me', bearer(session.access_token))
    t.strictSame(response.json(), { user: session.user, scopes: ['read', 'write'], via: 'token' })
    t.match(await server.identify(session.access_token), { userId: session.user.id, username: 'ansel', via: 'token' })
  })

  t.test('that somebody else made or changed are refused', async (t) => {
    const [header = '', , signature = ''] = session.access_token.split('.')
    const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
    const claims = { iss: 'darkroom', sub: session.user.id, sid: sessionId, iat: 1, exp: 4_000_000_000 }
    const ours = { key: TOKEN_SECRET, algorithm: 'HS256', iss: 'darkroom' } as const
    const sign = (options: object, payload: object = { sub: session.user.id, sid: sessionId }) =>
      createSigner({ ...ours, expiresIn: 60_000, ...options })(payload)

    t.equal((await server.get('/v1/auth/me', bearer(sign({})))).statusCode, 200, 'the recipe itself is right')
    await isRefused(t, 'rubbish', 'no token')
    await isRefused(t, `${header}.${encode(claims)}.${signature}`, 'changed claims')
    await isRefused(t, `${encode({ alg: 'none', typ: 'JWT' })}.${encode(claims)}.`, 'alg none')
    await isRefused(t, sign({ key: `${TOKEN_SECRET}x` }), 'another secret')
    await isRefused(t, sign({ algorithm: 'HS512' }), 'another algorithm')
    await isRefused(t, sign({ iss: 'elsewhere' }), 'another issuer')
    await isRefused(t, sign({ clockTimestamp: Date.now() - 3_600_000 }), 'expired')
    await isRefused(t, createSigner(ours)({ sub: session.user.id, sid: sessionId }), 'no expiry')
    await isRefused(t, sign({}, { sub: 'ansel', sid: sessionId }), 'an id that is none')
    await isRefused(t, sign({}, { sub: NOBODY, sid: sessionId }), 'a user that is not there')
    await isRefused(t, sign({}, { sub: session.user.id, sid: NOBODY }), 'a session that is not there')
  })

  t.test('are needed, in a header and not in the address', async (t) => {
    for (const headers of [{}, { authorization: 'Basic YTpi' }, { authorization: 'Bearer' }, { 'x-api-key': '' }]) {
      const response = await server.get('/v1/auth/me', headers)
      t.match(response.json(), { status: 401, code: 'AUTH_REQUIRED' })
      t.equal(response.headers['www-authenticate'], 'Bearer realm="darkroom"')
    }
    const inAddress = await server.get(`/v1/auth/me?token=${session.access_token}`)
    t.equal(inAddress.statusCode, 401)
  })

  t.test('of a disabled user stop working at once, and so does everything else of theirs', async (t) => {
    const victim = await server.register('disabled')
    const key = (
      await server.post('/v1/api-keys', { name: 'k', scopes: ['read'] }, bearer(victim.access_token))
    ).json<CreatedApiKey>()
    t.equal((await server.get('/v1/auth/me', bearer(key.key))).statusCode, 200)
    await sql`update users set disabled_at = now() where id = ${victim.user.id}`
    await isRefused(t, victim.access_token, 'the access token')
    await isRefused(t, key.key, 'the API key')
    const refresh = await server.post('/v1/auth/refresh', { refresh_token: victim.refresh_token })
    t.match(refresh.json(), { code: 'TOKEN_INVALID' })
    const login = await server.post('/v1/auth/login', { username: 'disabled', password: PASSWORD })
    t.match(login.json(), { code: 'CREDENTIALS_WRONG' })
  })
})

t.test('refresh tokens', async (t) => {
  const server = await createAccountsServer(t, sql)
  const { refresh_token: _, ...firstSession } = await server.register('ansel')
  const refresh = (refresh_token: string) => server.post('/v1/auth/refresh', { refresh_token })
  const login = async () =>
    (await server.post('/v1/auth/login', { username: 'ansel', password: PASSWORD })).json<Session>()

  t.test('are exchanged for new ones, and only their hashes are stored', async (t) => {
    const before = await login()
    const response = await refresh(before.refresh_token)
    t.equal(response.statusCode, 200)
    const after = response.json<Session>()
    t.match(after.user, firstSession.user)
    t.not(after.refresh_token, before.refresh_token)
    t.equal((await server.get('/v1/auth/me', bearer(after.access_token))).statusCode, 200)
    const rows = await sql<{ tokenHash: Uint8Array }[]>`select token_hash from refresh_tokens`
    t.ok(rows.length > 0 && rows.every(({ tokenHash }) => tokenHash.length === 32))
  })

  t.test('end their session when one comes back that was spent', async (t) => {
    const first = await login()
    const bystander = await login()
    const second = (await refresh(first.refresh_token)).json<Session>()
    t.match((await refresh(first.refresh_token)).json(), { status: 401, code: 'TOKEN_INVALID' })
    t.match((await refresh(second.refresh_token)).json(), { code: 'TOKEN_INVALID' }, 'nor does its successor work')
    t.equal((await server.get('/v1/auth/me', bearer(second.access_token))).statusCode, 401, 'nor the access token')
    t.equal((await refresh(bystander.refresh_token)).statusCode, 200, 'another session of the same user goes on')
  })

  t.test('are given once when ten ask at the same instant, and the session of the winner goes on', async (t) => {
    const { refresh_token } = await login()
    const responses = await Promise.all(Array.from({ length: 10 }, () => refresh(refresh_token)))
    const won = responses.filter(({ statusCode }) => statusCode === 200)
    t.equal(won.length, 1)
    t.equal((await refresh(won[0]?.json<Session>().refresh_token ?? '')).statusCode, 200)
  })

  t.test('expire, and are removed a lifetime later', async (t) => {
    const session = await login()
    const { sessionId } = server.tokens.read(session.access_token)
    await sql`update refresh_tokens set expires_at = now() - interval '1 second' where session_id = ${sessionId}`
    t.match((await refresh(session.refresh_token)).json(), { code: 'TOKEN_INVALID' })
    await sql`update refresh_tokens set expires_at = now() - interval '2 days' where session_id = ${sessionId}`
    await login()
    t.strictSame([...(await sql`select 1 from refresh_tokens where session_id = ${sessionId}`)], [])
    t.strictSame([...(await sql`select 1 from sessions where id = ${sessionId}`)], [], 'and their session with them')
  })

  t.test('end their session on logout, with its access token; logging out twice is no error', async (t) => {
    const session = await login()
    const logout = () => server.post('/v1/auth/logout', { refresh_token: session.refresh_token })
    t.equal((await logout()).statusCode, 204)
    t.equal((await refresh(session.refresh_token)).statusCode, 401)
    t.equal((await server.get('/v1/auth/me', bearer(session.access_token))).statusCode, 401)
    t.equal((await logout()).statusCode, 204)
    t.equal((await server.post('/v1/auth/logout', { refresh_token: 'never existed' })).statusCode, 204)
  })
})

t.test('sessions', async (t) => {
  const server = await createAccountsServer(t, sql)
  const ended: string[] = []
  t.teardown(server.sessions.onEnded((userId) => ended.push(userId)))
  const stranger = await server.register('stranger')
  const phone = (
    await server.post('/v1/auth/register', { username: 'ansel', password: PASSWORD }, { 'user-agent': 'Phone/1.0' })
  ).json<Session>()
  const login = async (userAgent: string) => {
    const credentials = { username: 'ansel', password: PASSWORD }
    return (await server.post('/v1/auth/login', credentials, { 'user-agent': userAgent })).json<Session>()
  }
  const list = async ({ access_token }: Session) =>
    (await server.get('/v1/auth/sessions', bearer(access_token))).json<{ items: OpenSession[] }>().items
  const remove = (path: string, { access_token }: Session) =>
    server.app.inject({ method: 'DELETE', url: `/v1/auth/sessions${path}`, headers: bearer(access_token) })
  const isOpen = async ({ access_token }: Session) =>
    (await server.get('/v1/auth/me', bearer(access_token))).statusCode === 200

  t.test('are listed with where they were used last, and which one asks', async (t) => {
    const laptop = await login(`Laptop/2.0 ${'x'.repeat(400)}`)
    t.match(await list(laptop), [
      { user_agent: /^Laptop\/2\.0 x{289}$/, address: '127.0.0.1', current: true },
      { user_agent: 'Phone/1.0', address: '127.0.0.1', current: false },
    ])
    const renewed = await server.app.inject({
      method: 'POST',
      url: '/v1/auth/refresh',
      payload: { refresh_token: phone.refresh_token },
      headers: { 'user-agent': 'Phone/1.1' },
      remoteAddress: '192.0.2.7',
    })
    phone.refresh_token = renewed.json<Session>().refresh_token
    const [first, second] = await list(phone)
    t.match(first, { user_agent: 'Phone/1.1', address: '192.0.2.7', current: true }, 'a renewed one comes first')
    t.ok(first && first.last_used_at > first.created_at)
    t.match(second, { user_agent: /^Laptop/, current: false })
    t.strictSame(
      (await list(stranger)).map(({ current }) => current),
      [true],
      'nobody else’s',
    )
  })

  t.test('can be ended by their owner, with their tokens', async (t) => {
    const laptop = await login('Laptop/2.0')
    const { sessionId } = server.tokens.read(laptop.access_token)
    t.match((await remove(`/${sessionId}`, stranger)).json(), { status: 404, code: 'SESSION_NOT_FOUND' })
    t.ok(await isOpen(laptop))
    t.equal((await remove(`/${sessionId}`, phone)).statusCode, 204)
    t.strictSame(ended.splice(0), [phone.user.id], 'whose sockets are looked at')
    t.notOk(await isOpen(laptop))
    const refresh = await server.post('/v1/auth/refresh', { refresh_token: laptop.refresh_token })
    t.match(refresh.json(), { code: 'TOKEN_INVALID' })
    t.match((await remove(`/${sessionId}`, phone)).json(), { code: 'SESSION_NOT_FOUND' }, 'once')
    t.notOk((await list(phone)).some(({ id }) => id === sessionId))
    t.ok(await isOpen(phone))
  })

  t.test('can be ended all but the one that asks', async (t) => {
    const tablet = await login('Tablet/3.0')
    const before = (await list(phone)).length
    t.strictSame((await remove('', phone)).json(), { ended: before - 1 })
    t.strictSame(ended.splice(0), [phone.user.id])
    t.notOk(await isOpen(tablet))
    t.ok((await isOpen(phone)) && (await isOpen(stranger)))
    t.strictSame((await remove('', phone)).json(), { ended: 0 })
    t.strictSame(ended, [], 'nobody is told about nothing')
    t.match(
      await sql`select details from audit_events where action = 'session_ended' and user_id = ${phone.user.id} order by id`,
      [{ details: { session_id: String } }, { details: { sessions: before - 1 } }],
    )
  })

  t.test('that ran out, or were never named, are not listed or have no name', async (t) => {
    const old = await login('Old/1.0')
    const nameless = await login('')
    const { sessionId } = server.tokens.read(old.access_token)
    await sql`update refresh_tokens set expires_at = now() - interval '1 second' where session_id = ${sessionId}`
    t.match(await list(nameless), [
      { user_agent: null, current: true },
      { user_agent: 'Phone/1.1', current: false },
    ])
  })
})

t.test('API keys', async (t) => {
  const server = await createAccountsServer(t, sql)
  server.app.get('/things', async (request) => request.principal.username)
  server.app.post('/things', async (request) => request.principal.username)
  server.app.post('/things/search', { config: { scope: 'read' } }, async () => 'found')
  const [owner, stranger] = await Promise.all([server.register('ansel'), server.register('stranger')])
  const create = async (scopes: string[], name = 'camera') =>
    (await server.post('/v1/api-keys', { name, scopes }, bearer(owner.access_token))).json<CreatedApiKey>()

  t.test('are shown once, and only their hash is stored', async (t) => {
    const created = await create(['read', 'write'])
    t.match(created.key, /^dk_[\w-]{43}$/)
    t.ok(created.key.startsWith(created.prefix) && created.prefix.length === 10)
    const list = await server.get('/v1/api-keys', bearer(owner.access_token))
    const { key, ...shown } = created
    t.strictSame(list.json().items, [shown])
    t.notMatch(list.body, key)
    const [row] = await sql<{ row: string }[]>`select row_to_json(api_keys)::text as row from api_keys`
    t.notMatch(row?.row ?? '', key)
  })

  t.test('work in either header, and remember when they were used', async (t) => {
    const { id, key } = await create(['read'])
    t.equal((await server.get('/things', bearer(key))).body, 'ansel')
    t.equal((await server.get('/things', { 'x-api-key': key })).body, 'ansel')
    t.match(await server.identify(key), { userId: owner.user.id, scopes: ['read'], via: 'api_key' })
    const list = (await server.get('/v1/api-keys', bearer(owner.access_token))).json<{ items: CreatedApiKey[] }>()
    t.type(list.items.find((item) => item.id === id)?.last_used_at, 'string')
  })

  t.test('may do what their scopes say and nothing more', async (t) => {
    const reader = bearer((await create(['read'])).key)
    const writer = bearer((await create(['write'])).key)
    t.equal((await server.get('/things', reader)).statusCode, 200)
    t.match((await server.post('/things', {}, reader)).json(), { status: 403, code: 'SCOPE_MISSING', scope: 'write' })
    t.equal((await server.post('/things/search', {}, reader)).statusCode, 200, 'a POST that only reads')
    t.equal((await server.post('/things', {}, writer)).statusCode, 200)
    t.match((await server.get('/things', writer)).json(), { code: 'SCOPE_MISSING', scope: 'read' })
  })

  t.test('cannot make, list or remove keys, change the password, nor see or end sessions', async (t) => {
    const created = await create(['read', 'write'])
    const key = bearer(created.key)
    const change = { current_password: PASSWORD, new_password: 'another long password' }
    const refusals = await Promise.all([
      server.post('/v1/api-keys', { name: 'more', scopes: ['read'] }, key),
      server.get('/v1/api-keys', key),
      server.app.inject({ method: 'DELETE', url: `/v1/api-keys/${created.id}`, headers: key }),
      server.post('/v1/auth/password', change, key),
      server.get('/v1/auth/sessions', key),
      server.app.inject({ method: 'DELETE', url: '/v1/auth/sessions', headers: key }),
    ])
    for (const refusal of refusals) t.match(refusal.json(), { status: 403, code: 'SCOPE_MISSING' })
  })

  t.test('stop working when they are removed, which only their owner can do', async (t) => {
    const { id, key } = await create(['read'])
    const remove = (token: string) =>
      server.app.inject({ method: 'DELETE', url: `/v1/api-keys/${id}`, headers: bearer(token) })
    t.match((await remove(stranger.access_token)).json(), { status: 404, code: 'API_KEY_NOT_FOUND' })
    t.strictSame((await server.get('/v1/api-keys', bearer(stranger.access_token))).json(), { items: [] })
    t.equal((await remove(owner.access_token)).statusCode, 204)
    t.equal((await server.get('/things', bearer(key))).statusCode, 401)
    t.match((await remove(owner.access_token)).json(), { code: 'API_KEY_NOT_FOUND' })
  })

  t.test('with a wrong name or scope are not made', async (t) => {
    const bodies = [
      { name: '', scopes: ['read'] },
      { name: 'a\u0000b', scopes: ['read'] },
      { name: 'k', scopes: [] },
      { name: 'k', scopes: ['admin'] },
      { name: 'k', scopes: ['read', 'read'] },
    ]
    for (const body of bodies) {
      const response = await server.post('/v1/api-keys', body, bearer(owner.access_token))
      t.match(response.json(), { code: 'VALIDATION_FAILED' }, JSON.stringify(body))
    }
  })
})

t.test('rate limits', async (t) => {
  // What a guess costs is told by the hash that it is measured against: hundreds of them against a cheap one.
  const cheapHash = await hash(PASSWORD, { memoryCost: 8, timeCost: 1, parallelism: 1 })
  const guessFor = async (t: Test) => {
    const server = await createAccountsServer(t, sql)
    await server.register('ansel')
    await sql`update users set password_hash = ${cheapHash}`
    const url = '/v1/auth/login'
    return (username: string, remoteAddress: string) =>
      server.app.inject({ method: 'POST', url, remoteAddress, payload: { username, password: 'guess' } })
  }

  t.test('count the tries for one name from one address, whatever its case, and lock out nobody else', async (t) => {
    const guess = await guessFor(t)
    const guesses = await Promise.all(
      Array.from({ length: 31 }, (_, i) => guess(i % 2 ? 'ansel' : 'Ansel', `2001:db8::${i}`)),
    )
    t.equal(guesses.filter(({ statusCode }) => statusCode === 401).length, 30)
    const refused = guesses.find(({ statusCode }) => statusCode === 429)
    t.match(refused?.json(), { code: 'RATE_LIMITED', retry_after_seconds: Number })
    t.match(refused?.headers['retry-after'], /^\d+$/)
    t.equal((await guess('ansel', '2001:db8:1::1')).statusCode, 401, 'the owner, elsewhere')
    t.equal((await guess('somebody.else', '2001:db8::1')).statusCode, 401)
  })

  t.test('count the tries for one name from everywhere, those that were refused aside', async (t) => {
    const guess = await guessFor(t)
    for (let i = 0; i < 40; i++) await guess('ansel', '10.0.0.1')
    for (let i = 0; i < 270; i++) {
      const { statusCode } = await guess('ansel', `10.0.1.${i % 10}`)
      if (statusCode !== 401) t.fail(`guess ${i} gave ${statusCode}`)
    }
    t.match((await guess('ansel', '10.0.2.1')).json(), { code: 'RATE_LIMITED' })
    t.equal((await guess('somebody.else', '10.0.2.1')).statusCode, 401)
  })

  t.test('count the requests of one address, an IPv6 network being one', async (t) => {
    const server = await createAccountsServer(t, sql)
    const logout = (remoteAddress: string) =>
      server.app.inject({ method: 'POST', url: '/v1/auth/logout', remoteAddress, payload: { refresh_token: 'x' } })
    const answers: Awaited<ReturnType<typeof logout>>[] = []
    for (let i = 1; i <= 61; i++) answers.push(await logout(`2001:db8::${i.toString(16)}`))
    t.equal(answers.filter(({ statusCode }) => statusCode === 204).length, 60)
    t.match(answers.find(({ statusCode }) => statusCode === 429)?.json(), { code: 'RATE_LIMITED' })
    const other = await logout('2001:db8:1::1')
    t.equal(other.statusCode, 204)
    t.match(other.headers, { 'ratelimit-limit': '60', 'ratelimit-remaining': '59' })
  })
})

t.test('a NUL, which PostgreSQL cannot store, makes no route fail', async (t) => {
  const server = await createAccountsServer(t, sql)
  const { access_token } = await server.register('ansel')
  const headers = bearer(access_token)
  const withNul = `${PASSWORD}\u0000`
  const refused: [string, object][] = [
    ['/v1/auth/register', { username: 'a\u0000b', password: PASSWORD }],
    ['/v1/auth/login', { username: 'ansel\u0000', password: PASSWORD }],
    ['/v1/auth/login', { username: 'ansel', password: withNul }],
    ['/v1/auth/refresh', { refresh_token: 'a\u0000b' }],
    ['/v1/auth/password', { current_password: withNul, new_password: 'another long password' }],
    ['/v1/api-keys', { name: 'a\u0000b', scopes: ['read'] }],
    ['/v1/api-keys', { name: 'k', scopes: ['read\u0000'] }],
  ]
  for (const [url, body] of refused) {
    const { statusCode } = await server.post(url, body, headers)
    t.ok(statusCode === 400 || statusCode === 401, `${statusCode} for ${url} ${JSON.stringify(body)}`)
  }
  t.equal((await server.post('/v1/auth/logout', { refresh_token: '\u0000' })).statusCode, 204)
  const removal = await server.app.inject({ method: 'DELETE', url: '/v1/api-keys/%00', headers })
  t.equal(removal.statusCode, 400)

  // Only the hash of a password is stored, so there it is a character like any other.
  t.equal((await server.post('/v1/auth/register', { username: 'nul', password: withNul })).statusCode, 201)
  t.equal((await server.post('/v1/auth/login', { username: 'nul', password: withNul })).statusCode, 200)
  t.equal((await server.post('/v1/auth/login', { username: 'nul', password: PASSWORD })).statusCode, 401)
})
