import { once } from 'node:events'
import { type AddressInfo, connect, createServer as createTcpServer } from 'node:net'
import { Writable } from 'node:stream'
import type { InjectOptions } from 'fastify'
import { type Logger, pino } from 'pino'
import postgres from 'postgres'
import t, { type Test } from 'tap'
import { Type } from 'typebox'
import { driverOptions } from '#src/db/driver.js'
import { AppError, ERRORS } from '#src/errors.js'
import { createFoundation } from '#src/routes/foundation.js'
import { problemResponses } from '#src/routes/problem.js'
import { serverStateRoutes } from '#src/routes/server-state.js'
import { ProblemSchema } from '#src/schemas/problem.js'
import { silent } from './helpers/database.ts'

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/

/** Knows one token; who that is does not matter here. */
const identify = async (credential: string) => {
  if (credential !== 'good') throw new AppError('TOKEN_INVALID')
  return { userId: 'u', username: 'ansel', role: 'member', scopes: ['read'], via: 'token', sessionId: null } as const
}

async function createServer(t: Test, log: Logger = silent) {
  const app = await createFoundation({ log, version: '1.2.3', trustProxy: false, identify })
  t.teardown(() => app.close())
  return app
}

/** A log that can be read. */
function createLog() {
  const lines: Record<string, unknown>[] = []
  const stream = new Writable({
    write(chunk, _encoding, done) {
      lines.push(JSON.parse(String(chunk)))
      done()
    },
  })
  return { lines, log: pino({ level: 'info' }, stream) }
}

t.test('every error is a problem document', async (t) => {
  const { log, lines } = createLog()
  const app = await createServer(t, log)
  const config = { public: true }
  app.get('/app-error', { config }, async () => {
    throw new AppError('UPLOAD_TOO_LARGE', { detail: 'It has 5 bytes.', extra: { upload_max_bytes: 4 } })
  })
  app.get('/unforeseen', { config }, async () => {
    throw new TypeError('the password is hunter2')
  })
  app.get('/not-an-error', { config }, async () => {
    throw 'a string'
  })
  app.get('/storage-full', { config }, async (_request, reply) => {
    reply.headers({ etag: '"x"', 'cache-control': 'max-age=31536000', 'content-disposition': 'attachment' })
    throw new AppError('STORAGE_FULL', { cause: new Error('ENOSPC on /secret/path') })
  })
  app.get('/private', async () => 'private')
  app.post('/json', { config, schema: { body: Type.Object({ a: Type.Integer() }) } }, async () => 'ok')

  const problemOf = async (options: string | InjectOptions) => {
    const response = await app.inject(options)
    t.match(response.headers['content-type'], /^application\/problem\+json/)
    t.equal(response.headers['cache-control'], 'no-store')
    const problem = response.json()
    t.match(problem, { type: 'about:blank', status: response.statusCode, title: String, detail: String })
    t.equal(problem.request_id, response.headers['x-request-id'])
    for (const name of ProblemSchema.required) t.ok(name in problem, name)
    return { problem, headers: response.headers }
  }
  const json = (payload: string | Buffer, type = 'application/json') =>
    problemOf({ method: 'POST', url: '/json', payload, headers: { 'content-type': type } })

  t.test('with the code, the sentence and the members of what was thrown', async (t) => {
    const { problem } = await problemOf('/app-error?secret=1')
    const { request_id, ...rest } = problem
    t.match(request_id, UUID)
    t.strictSame(rest, {
      type: 'about:blank',
      title: 'Payload Too Large',
      status: 413,
      detail: 'It has 5 bytes.',
      instance: '/app-error',
      code: 'UPLOAD_TOO_LARGE',
      upload_max_bytes: 4,
    })
  })

  t.test('which for the unforeseen tells nothing, and is logged once', async (t) => {
    lines.length = 0
    const { problem } = await problemOf('/unforeseen')
    t.match(problem, { code: 'INTERNAL', detail: ERRORS.INTERNAL.sentence })
    t.notMatch(JSON.stringify(problem), /hunter2|TypeError/)
    const errors = lines.filter(({ level }) => level === 50)
    t.equal(errors.length, 1)
    t.match(errors[0], { reqId: problem.request_id, msg: 'request failed', err: { message: /hunter2/ } })
    t.match((await problemOf('/not-an-error')).problem, { code: 'INTERNAL' })
  })

  t.test('which does not keep the headers of the file that could not be sent', async (t) => {
    const { problem, headers } = await problemOf('/storage-full')
    t.match(problem, { status: 507, code: 'STORAGE_FULL', detail: ERRORS.STORAGE_FULL.sentence })
    t.notMatch(JSON.stringify(problem), /secret/)
    t.notOk(headers.etag ?? headers['content-disposition'])
  })

  t.test('for bodies that are none', async (t) => {
    t.match((await json('{"a":')).problem, { status: 400, code: 'BODY_MALFORMED' })
    t.match((await json('')).problem, { status: 400, code: 'BODY_MALFORMED' })
    t.match((await json('{"__proto__":{"a":1}}')).problem, { status: 400, code: 'BODY_MALFORMED' })
    t.match((await json(`{"a":"${'x'.repeat(1024 * 1024)}"}`)).problem, { status: 413, code: 'BODY_TOO_LARGE' })
    t.match((await json('<a/>', 'text/xml')).problem, { status: 415, code: 'MEDIA_TYPE_UNSUPPORTED' })
  })

  t.test('for addresses that lead nowhere, whoever asks', async (t) => {
    t.match((await problemOf('/nowhere?x=1')).problem, { status: 404, code: 'ROUTE_NOT_FOUND', instance: '/nowhere' })
    t.match((await problemOf({ method: 'DELETE', url: '/json' })).problem, { code: 'ROUTE_NOT_FOUND' })
    t.match((await problemOf('/%ZZ')).problem, { status: 400, code: 'VALIDATION_FAILED', detail: /percent/ })
  })

  t.test('for those who are nobody or may not', async (t) => {
    const { problem, headers } = await problemOf('/private')
    t.match(problem, { status: 401, code: 'AUTH_REQUIRED' })
    t.match(headers['www-authenticate'], /^Bearer/)
  })

  t.test('for a database that is not there', async (t) => {
    const app = await createServer(t)
    const sql = postgres('postgres://127.0.0.1:1/none', { connect_timeout: 2 })
    t.teardown(() => sql.end())
    app.get('/rows', { config: { public: true } }, async () => sql`select 1`)
    const response = await app.inject('/rows')
    t.match(response.json(), { status: 503, code: 'DATABASE_UNAVAILABLE' })
    t.match(response.headers['retry-after'], /^\d+$/)
    t.notMatch(response.body, /127\.0\.0\.1/)
  })

  t.test('for a database that goes away while the driver asks for its types', async (t) => {
    const app = await createServer(t)
    // "You are let in" and "ask", in the protocol of PostgreSQL.
    const welcome = Buffer.from('5200000008000000005a0000000549', 'hex')
    const database = createTcpServer((socket) => {
      database.close()
      socket.once('data', () => {
        socket.write(welcome)
        socket.once('data', () => socket.resetAndDestroy())
      })
    }).listen(0, '127.0.0.1')
    await once(database, 'listening')
    const { port } = database.address() as AddressInfo
    const sql = postgres(`postgres://127.0.0.1:${port}/none`, driverOptions(silent))
    t.teardown(() => sql.end({ timeout: 0 }))
    app.get('/rows', { config: { public: true } }, async () => sql`select 1`)
    t.match((await app.inject('/rows')).json(), { status: 503, code: 'DATABASE_UNAVAILABLE' })
  })
})

t.test('validation', async (t) => {
  const app = await createServer(t)
  const body = Type.Object(
    {
      name: Type.String({ minLength: 2 }),
      count: Type.Optional(Type.Integer({ default: 7 })),
      kind: Type.Enum(['a', 'b']),
    },
    { additionalProperties: false },
  )
  const querystring = Type.Object(
    {
      limit: Type.Integer({ default: 50, maximum: 200 }),
      hidden: Type.Optional(Type.Boolean()),
      tags: Type.Optional(Type.Array(Type.String())),
    },
    { additionalProperties: false },
  )
  const params = Type.Object({ id: Type.String({ format: 'uuid' }) })
  app.post('/body', { config: { public: true }, schema: { body } }, async (request) => request.body)
  app.get('/query', { config: { public: true }, schema: { querystring } }, async (request) => request.query)
  app.get('/things/:id', { config: { public: true }, schema: { params } }, async (request) => request.params)
  const post = (payload: object) => app.inject({ method: 'POST', url: '/body', payload })

  t.test('names every place that is wrong, in a body', async (t) => {
    const response = await post({ name: 'x', kind: 'c', colour: 'red' })
    t.match(response.json(), { status: 400, code: 'VALIDATION_FAILED' })
    t.strictSame(
      new Map(response.json().errors.map((error: { path: string; message: string }) => [error.path, error.message])),
      new Map([
        ['body/colour', 'is not known here'],
        ['body/name', 'must not have fewer than 2 characters'],
        ['body/kind', 'must be one of a, b'],
      ]),
    )
    const missing = (await post({})).json()
    t.strictSame(
      missing.errors.map((error: { path: string }) => error.path),
      ['body/name', 'body/kind'],
    )
    t.equal(missing.detail, 'body/name is missing.')
  })

  t.test('fills in defaults, and converts only what arrives as text', async (t) => {
    t.strictSame((await post({ name: 'xx', kind: 'a' })).json(), { name: 'xx', kind: 'a', count: 7 })
    t.match((await post({ name: 'xx', kind: 'a', count: '5' })).json(), { errors: [{ path: 'body/count' }] })
    t.match((await post({ name: 5, kind: 'a' })).json(), { errors: [{ path: 'body/name' }] })
    t.strictSame((await app.inject('/query')).json(), { limit: 50 })
    t.strictSame((await app.inject('/query?limit=5&hidden=true&tags=one')).json(), {
      limit: 5,
      hidden: true,
      tags: ['one'],
    })
    t.match((await app.inject('/query?limit=five&page=2')).json(), {
      errors: [{ path: 'querystring/page' }, { path: 'querystring/limit' }],
    })
    t.match((await app.inject('/things/5')).json(), { code: 'VALIDATION_FAILED', errors: [{ path: 'params/id' }] })
  })
})

t.test('a request id', async (t) => {
  const { log, lines } = createLog()
  const app = await createServer(t, log)
  app.get('/', { config: { public: true } }, async () => 'ok')
  const idFor = async (given: string) =>
    (await app.inject({ url: '/', headers: { 'x-request-id': given } })).headers['x-request-id']
  t.equal(await idFor('from-the.proxy:1'), 'from-the.proxy:1', 'is kept if it looks like one')
  t.match(lines[0], { reqId: 'from-the.proxy:1' })
  for (const strange of ['', 'a b', '<script>', 'x'.repeat(129)]) t.match(await idFor(strange), UUID)
})

t.test('the address of a client is the one its own proxy saw, not the one it claims', async (t) => {
  for (const [trustProxy, address] of [
    [true, '203.0.113.5'],
    [false, '127.0.0.1'],
  ] as const) {
    const app = await createFoundation({ log: silent, version: '1.2.3', trustProxy, identify })
    t.teardown(() => app.close())
    app.get('/', { config: { public: true } }, async (request) => request.ip)
    const headers = { 'x-forwarded-for': '10.9.8.7, 203.0.113.5' }
    t.equal((await app.inject({ url: '/', headers })).body, address)
  }
})

t.test('the log never holds a secret', async (t) => {
  const { log, lines } = createLog()
  const app = await createServer(t, log)
  app.get('/', async (request) => {
    request.log.info({ req: { headers: request.headers }, headers: request.headers }, 'careless')
    return 'ok'
  })
  await app.inject({ url: '/', headers: { authorization: 'Bearer good', cookie: 'good', 'x-api-key': 'good' } })
  t.match(
    lines.find(({ msg }) => msg === 'careless'),
    { headers: { authorization: '[Redacted]' } },
  )
  t.notMatch(JSON.stringify(lines), /good/)
})

t.test('what is not HTTP is answered with a problem, and the connection closed', async (t) => {
  const app = await createServer(t)
  await app.listen({ port: 0 })
  const { port } = app.server.address() as AddressInfo
  const say = async (text: string) => {
    const socket = connect(port, '127.0.0.1').setEncoding('utf8')
    let heard = ''
    socket.on('data', (chunk) => {
      heard += chunk
    })
    socket.write(text)
    await once(socket, 'close')
    return heard
  }
  for (const text of ['this is not http\r\n\r\n', `GET / HTTP/1.1\r\nx: ${'y'.repeat(20_000)}\r\n\r\n`]) {
    const [head = '', body = ''] = (await say(text)).split('\r\n\r\n')
    t.match(head, /^HTTP\/1\.1 400 Bad Request\r\ncontent-type: application\/problem\+json/)
    t.match(JSON.parse(body), { status: 400, code: 'VALIDATION_FAILED' })
  }
})

t.test('while it stops, a server says that it is not ready', async (t) => {
  const app = await createServer(t)
  app.get('/', { config: { public: true } }, async () => 'ok')
  const ask = () =>
    fetch(`http://127.0.0.1:${(app.server.address() as AddressInfo).port}/`, { headers: { connection: 'close' } })
  const meanwhile: Response[] = []
  // Told after the server's own hooks that it stops, and before it stops listening.
  app.addHook('preClose', async () => {
    meanwhile.push(await ask())
  })
  await app.listen({ port: 0 })
  t.equal((await ask()).status, 200)
  await app.close()
  t.equal(meanwhile[0]?.headers.get('retry-after'), '5')
  t.match(await meanwhile[0]?.json(), { status: 503, code: 'NOT_READY' })
})

t.test('security headers allow what a page of this server needs, over plain http', async (t) => {
  const app = await createServer(t)
  const { headers } = await app.inject({ url: '/nowhere', headers: { origin: 'https://evil.example' } })
  const policy = String(headers['content-security-policy'])
  t.match(policy, /img-src 'self' data: blob:/)
  t.match(policy, /connect-src 'self' ws: wss:/)
  t.notMatch(policy, /upgrade-insecure-requests/)
  t.notOk(headers['strict-transport-security'])
  t.equal(headers['x-content-type-options'], 'nosniff')
  t.notOk(headers['access-control-allow-origin'], 'no other origin is let in')
})

t.test('health, readiness and what clients need to know', async (t) => {
  const app = await createServer(t)
  let checks: Record<string, boolean> = { database: true, models: false }
  const clientConfig = {
    version: '1.2.3',
    model_pack: 'basic',
    accepted_types: ['image/jpeg'],
    videos_supported: true,
    upload_max_bytes: 1000,
    batch_max_files: 10,
    has_accounts: false,
    registration_open: true,
  }
  await app.register(serverStateRoutes, {
    version: '1.2.3',
    readiness: async () => checks,
    readClientConfig: async () => clientConfig,
  })
  t.match((await app.inject('/health')).json(), { status: 'ok', version: '1.2.3', uptime_seconds: Number })
  const notReady = await app.inject('/ready')
  t.match(notReady.json(), { status: 503, code: 'NOT_READY', checks })
  t.ok(notReady.headers['retry-after'])
  checks = { database: true, models: true }
  t.strictSame((await app.inject('/ready')).json(), { status: 'ready', checks })
  t.strictSame((await app.inject('/v1/client-config')).json(), clientConfig)
})

t.test('the documentation', async (t) => {
  const app = await createServer(t)
  const Thing = Type.Object({ id: Type.String() }, { $id: 'Thing' })
  await app.register(async (app) => {
    app.get(
      '/things/:id',
      {
        schema: {
          summary: 'Read a thing',
          tags: ['things'],
          params: Type.Object({ id: Type.String() }),
          response: { 200: Type.Object({ thing: Thing }), ...problemResponses('UPLOAD_NOT_FOUND', 'UPLOAD_BUSY') },
        },
      },
      async () => ({ thing: { id: 'x' } }),
    )
    app.post(
      '/things',
      {
        config: { public: true },
        schema: { body: Thing, response: { 201: Thing, ...problemResponses('UPLOAD_EMPTY') } },
      },
      async (_request, reply) => reply.code(201).send({ id: 'x' }),
    )
  })
  const response = await app.inject('/docs/json')
  t.equal(response.statusCode, 200, 'is public')
  const document = response.json()

  t.test('is OpenAPI 3.1 whose references all lead somewhere', async (t) => {
    t.equal(document.openapi, '3.1.0')
    t.strictSame(document.info.version, '1.2.3')
    t.strictSame(Object.keys(document.components.securitySchemes), ['bearer', 'api_key'])
    const references = [...response.body.matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g)].map(([, name]) => name)
    t.strictSame([...new Set(references)].sort(), ['Problem', 'Thing'])
    t.strictSame(Object.keys(document.components.schemas).sort(), ['Problem', 'Thing'])
    t.notMatch(response.body, /"\$id"/)
  })

  t.test('tells what a route needs and every way in which it can answer', async (t) => {
    const { get } = document.paths['/things/{id}']
    const { post } = document.paths['/things']
    t.equal(get.security, undefined, 'private as everything is')
    t.strictSame(post.security, [])
    t.strictSame(Object.keys(get.responses), ['200', '400', '401', '403', '404', '409', '500', '503'])
    t.strictSame(Object.keys(post.responses), ['201', '400', '413', '415', '500', '503'])
    t.match(post.responses[400].description, /UPLOAD_EMPTY[\s\S]*BODY_MALFORMED[\s\S]*VALIDATION_FAILED/)
    t.strictSame(get.responses[404].content, {
      'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } },
    })
  })

  t.test('has a page that works over plain http', async (t) => {
    const page = await app.inject('/docs')
    t.equal(page.statusCode, 200)
    t.match(page.headers['content-type'], /text\/html/)
    t.match(page.headers['content-security-policy'], /script-src 'self';/)
    t.notMatch(page.headers['content-security-policy'], /upgrade-insecure-requests/)
    t.equal((await app.inject('/docs/static/swagger-ui-bundle.js')).statusCode, 200)
    t.match((await app.inject('/docs/static/no-such-file.js')).json(), { code: 'ROUTE_NOT_FOUND' })
  })
})
