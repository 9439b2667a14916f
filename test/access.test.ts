import { randomUUID } from 'node:crypto'
import type { InjectOptions } from 'fastify'
import t, { type Test } from 'tap'
import { WebSocket } from 'ws'
import { startApp } from './helpers/app.ts'
import { collect } from './helpers/client.ts'
import { picture } from './helpers/samples.ts'
import { listRoutes } from './suites/access/listed-routes.ts'
import { type Call, type Ids, ROWS, type Row } from './suites/access/routes.ts'
import { SOCKET_ACTIONS, SOCKET_MESSAGES } from './suites/access/socket-actions.ts'
import { createWorld, mapIds } from './suites/access/world.ts'

const { result: server, routes } = await listRoutes(() => startApp(t, { RATE_LIMIT_AUTH: '10000' }))
const { app, address, config } = server
const world = await createWorld(address, config.tokenSecret)
const { administrator, owner, stranger, ids, strangersIds, nobodysIds, keys, worthless, secrets } = world

const formBody = Buffer.concat([
  Buffer.from('--the-boundary\r\ncontent-disposition: form-data; name="file"; filename="new.png"\r\n\r\n'),
  await picture(7),
  Buffer.from('\r\n--the-boundary--\r\n'),
])

function toInject(row: Row, { path, body, query, file }: Call, credential?: string): InjectOptions {
  const [method = '', route = ''] = row.route.split(' ')
  return {
    method: method as 'GET',
    url: route.replace(':id', path ?? nobodysIds.upload).replace('*', 'no-such-file'),
    headers: {
      ...(credential === undefined ? {} : { authorization: `Bearer ${credential}` }),
      ...(file ? { 'content-type': 'multipart/form-data; boundary=the-boundary' } : {}),
    },
    ...(query ? { query } : {}),
    ...(file ? { payload: formBody } : body ? { payload: body } : {}),
  }
}

const ask = async (options: InjectOptions) => app.http.inject(options)
type Answer = Awaited<ReturnType<typeof ask>>
const callsOf = ({ calls }: Row): NonNullable<Row['calls']> => calls ?? [() => ({})]
const noIds = mapIds(ids, () => nobodysIds.upload)

/** Status, headers and body, without what differs from request to request. */
function shape({ statusCode, headers, body }: Answer, asked: Ids): string {
  let text = JSON.stringify({ statusCode, ...headers, body })
  for (const id of Object.values(asked)) text = text.replaceAll(id, 'AN-ID')
  return (
    text
      .replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, 'AN-ID')
      .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'A-TIME')
      // Whether a batch has begun when it is answered is a matter of moments.
      .replace(
        /\\"status\\":\\"(pending|processing)\\"(.{0,40})\\"started_at\\":(null|\\"A-TIME\\")/g,
        'BEGUN-OR-NOT$2',
      )
      .replace(/"(ratelimit-\w+|date|content-length|retry-after)":("[^"]*"|\d+),?/g, '')
  )
}

/** Nothing of the owner's is in an answer, but the ids that were in the question. */
function tellsNothing(t: Test, { headers, body }: Answer, asked: Call, message: string): void {
  const text = JSON.stringify(headers) + body
  const question = JSON.stringify(asked)
  const told = secrets.filter((secret) => text.includes(secret) && !question.includes(secret))
  if (told.length > 0) t.fail(`${message} tells ${told}`)
}

t.test('every route is in the table, and nothing else is', async (t) => {
  const listed = new Set(routes.filter((route) => !route.startsWith('HEAD ')))
  const known = new Set(ROWS.map(({ route }) => route))
  t.strictSame([...listed].filter((route) => !known.has(route)).sort(), [], 'a row for every route')
  t.strictSame([...known].filter((route) => !listed.has(route)).sort(), [], 'a route for every row')
})

t.test('private routes are closed to nobody, to worthless tokens and to keys without the scope', async (t) => {
  for (const row of ROWS.filter(({ guard }) => guard !== 'public')) {
    const call = callsOf(row)[0]?.(ids, ids) ?? {}
    const anonymous = await ask(toInject(row, call))
    t.match(anonymous.json(), { status: 401, code: 'AUTH_REQUIRED' }, `${row.route} for nobody`)
    tellsNothing(t, anonymous, call, row.route)
    for (const [name, credential] of worthless) {
      const answer = await ask(toInject(row, call, credential))
      t.match(answer.json(), { status: 401, code: 'TOKEN_INVALID' }, `${row.route} for ${name}`)
      tellsNothing(t, answer, call, `${row.route} for ${name}`)
    }
    const wrongKey = row.guard.endsWith('read') ? keys.write : keys.read
    const answer = await ask(toInject(row, call, wrongKey))
    t.match(answer.json(), { status: 403, code: 'SCOPE_MISSING' }, `${row.route} for a key without the scope`)
    tellsNothing(t, answer, call, `${row.route} for a key without the scope`)
  }
  for (const route of routes.filter((route) => route.startsWith('HEAD '))) {
    const row = ROWS.find((row) => row.route === route.replace('HEAD ', 'GET '))
    if (!row || row.guard === 'public') continue
    const answer = await ask({ ...toInject(row, callsOf(row)[0]?.(ids, ids) ?? {}), method: 'HEAD' })
    t.equal(answer.statusCode, 401, route)
  }
})

t.test('the cookie of a page opens what is read, for pages of this server, and nothing else', async (t) => {
  const cookie = `darkroom_access=${owner.token}`
  for (const row of ROWS.filter(({ guard }) => guard !== 'public')) {
    const request = toInject(row, callsOf(row)[0]?.(ids, ids) ?? {})
    const answerTo = (headers: Record<string, string>) =>
      ask({ ...request, headers: { ...request.headers, cookie, ...headers } })
    const answer = await answerTo({})
    if (row.route.startsWith('GET ')) t.equal(answer.statusCode, row.owner, row.route)
    else t.match(answer.json(), { status: 401, code: 'AUTH_REQUIRED' }, row.route)
    for (const site of ['cross-site', 'same-site']) {
      t.equal((await answerTo({ 'sec-fetch-site': site })).statusCode, 401, `${row.route} for a ${site} page`)
    }
  }
})

t.test('what is somebody else’s is answered as what nobody has, to users and administrators alike', async (t) => {
  const others = [
    ['a stranger', stranger.token, strangersIds],
    ['the administrator', administrator.token, noIds],
  ] as const
  for (const row of ROWS) {
    for (const [who, credential, mine] of others) {
      if (row.administrator !== undefined && who === 'the administrator') continue
      for (const toCall of callsOf(row)) {
        const call = toCall(ids, mine)
        const answer = await ask(toInject(row, call, credential))
        if (who === 'a stranger') t.equal(answer.statusCode, call.stranger ?? row.stranger, row.route)
        tellsNothing(t, answer, call, `${row.route} for ${who}`)
        const sameOfNobody = toCall(nobodysIds, mine)
        if (JSON.stringify(sameOfNobody) === JSON.stringify(call)) continue
        const unknown = await ask(toInject(row, sameOfNobody, credential))
        t.equal(shape(answer, ids), shape(unknown, nobodysIds), `${row.route} for ${who}`)
      }
    }
  }
})

t.test('keys with the scope and owners may do it; what is for people or administrators stays theirs', async (t) => {
  for (const row of ROWS) {
    const [first = () => ({})] = callsOf(row)
    const [who, scope] = row.guard.split(' ').length === 2 ? row.guard.split(' ') : ['anybody', row.guard]
    const key = scope === 'read' ? keys.read : keys.write
    if (row.guard !== 'public') {
      const answer = await ask(toInject(row, first(nobodysIds, ids), key))
      t.equal(answer.statusCode, who === 'signed-in' ? 403 : row.stranger, `${row.route} for a key`)
    }
    for (const toCall of callsOf(row)) {
      const answer = await ask(toInject(row, toCall(ids, ids), owner.token))
      t.equal(answer.statusCode, row.owner, `${row.route} for the owner: ${answer.statusCode}`)
    }
    if (row.administrator === undefined) continue
    const answer = await ask(toInject(row, first(ids, ids), administrator.token))
    t.equal(answer.statusCode, row.administrator, `${row.route} for the administrator`)
    const byKey = await ask(toInject(row, first(ids, ids), world.administratorsKey))
    t.equal(byKey.statusCode, who === 'signed-in' ? 403 : row.administrator, `${row.route} for their key`)
  }
})

t.test('every action of the socket is in the table', async (t) => {
  t.strictSame(Object.keys(SOCKET_MESSAGES).sort(), [...SOCKET_ACTIONS].sort())
})

/** Says one thing on a socket of somebody; the answers, up to that to a question about nothing. */
async function say(action: string, asked: Ids, token: string | undefined) {
  const socket = new WebSocket(`${address.replace('http', 'ws')}/ws`)
  const heard = collect(socket)
  await new Promise((resolve) => socket.once('open', resolve))
  const nothing = randomUUID()
  const send = (message: object) => socket.send(JSON.stringify(message))
  if (token !== undefined && action !== 'auth') send({ type: 'auth', token })
  send({ type: action, ...SOCKET_MESSAGES[action]?.(asked, token ?? 'nothing') })
  send({ type: 'subscribe_upload', upload_id: nothing })
  await heard.until((message) => JSON.stringify(message).includes(nothing)).catch(() => undefined)
  socket.close()
  // A ping comes when it is time, whatever was said.
  const messages = heard.messages.filter((message) => message.action !== 'ping')
  return { messages, code: (await heard.closed).code }
}

t.test('on the socket nobody and worthless tokens hear nothing', async (t) => {
  for (const action of SOCKET_ACTIONS) {
    const anonymous = await say(action, ids, undefined)
    t.equal(anonymous.code, action === 'auth' ? 4003 : 4002, `${action} for nobody`)
    for (const [name, token] of [...worthless, ['a key without the scope', keys.write] as const]) {
      const { code, messages } = await say(action, ids, token)
      t.equal(code, 4003, `${action} for ${name}`)
      t.strictSame(
        messages.map((message) => message.action),
        ['auth_error'],
      )
    }
  }
})

t.test('on the socket what is somebody else’s is answered as what nobody has', async (t) => {
  const normal = (messages: readonly object[], asked: Ids) => {
    let text = JSON.stringify(messages)
    for (const id of Object.values(asked)) text = text.replaceAll(id, 'AN-ID')
    return text.replace(/"seq":\d+,"timestamp":"[^"]*"/g, '').replace(/"(upload_id|user_id)":"[-0-9a-f]{36}"/g, '')
  }
  for (const action of SOCKET_ACTIONS) {
    for (const token of [stranger.token, administrator.token]) {
      const { messages } = await say(action, ids, token)
      const unknown = await say(action, nobodysIds, token)
      t.equal(normal(messages, ids), normal(unknown.messages, nobodysIds), action)
      const text = JSON.stringify(messages)
      const question = JSON.stringify(SOCKET_MESSAGES[action]?.(ids, ''))
      for (const secret of secrets)
        if (!question.includes(secret)) t.notOk(text.includes(secret), `${action}: ${secret}`)
    }
    const { messages } = await say(action, ids, owner.token)
    t.equal(messages[0]?.action, 'auth_success')
  }
  const { messages } = await say('subscribe_batch', ids, keys.read)
  t.ok(
    messages.some((message) => message.action === 'snapshot'),
    'a key with the scope is told',
  )
})
