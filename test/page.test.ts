import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import t, { type Test } from 'tap'
import { WebSocket } from 'ws'
import { createFoundation } from '#src/routes/foundation.js'
import { pageRoutes } from '#src/routes/page.js'
import type { Session } from '#src/schemas/accounts.js'
import { startApp } from './helpers/app.ts'
import { silent } from './helpers/database.ts'

const PASSWORD = 'a long walk in the rain'
const SAME_ORIGIN = { 'sec-fetch-site': 'same-origin' }

interface Cookie {
  name: string
  value: string
  attributes: string[]
}

function cookiesOf(headers: Record<string, unknown>): Cookie[] {
  return [headers['set-cookie'] ?? []].flat().map((line) => {
    const [pair = '', ...attributes] = String(line).split('; ')
    const [name = '', value = ''] = pair.split('=')
    return { name, value, attributes }
  })
}

const toHeader = (cookies: Cookie[]) => cookies.map(({ name, value }) => `${name}=${value}`).join('; ')

/** A browser of somebody: keeps what it is told to keep, and shows all of it. */
function createBrowser({ http }: Awaited<ReturnType<typeof startApp>>['app']) {
  let kept: Cookie[] = []
  return {
    cookie: () => toHeader(kept),
    async post(url: string, payload: object, headers: Record<string, string> = {}, cookie = toHeader(kept)) {
      const answer = await http.inject({ method: 'POST', url, payload, headers: { cookie, ...headers } })
      const given = cookiesOf(answer.headers)
      if (given.length > 0) kept = given.filter(({ value }) => value !== '')
      return answer
    },
    get: (url: string, headers: Record<string, string> = {}) =>
      http.inject({ url, headers: { cookie: toHeader(kept), ...headers } }),
  }
}

t.test('a session in cookies', async (t) => {
  const { app, address } = await startApp(t)
  const ann = createBrowser(app)
  const registered = await ann.post('/v1/auth/register', { username: 'ann', password: PASSWORD, keep_session: true })
  const { access_token } = registered.json<Session>()

  t.test('is kept where no script can read it, and goes only where it is needed', async (t) => {
    t.equal(registered.statusCode, 201)
    t.notOk('refresh_token' in registered.json(), 'not in the body')
    const [refresh, access] = cookiesOf(registered.headers)
    const strict = ['HttpOnly', 'SameSite=Strict']
    t.match(refresh, { name: 'darkroom_refresh', attributes: ['Max-Age=2592000', 'Path=/v1/auth', ...strict] })
    t.match(access, {
      name: 'darkroom_access',
      value: access_token,
      attributes: ['Max-Age=900', 'Path=/v1', ...strict],
    })
    t.notMatch(registered.headers['set-cookie'], /Secure|Domain/, 'on plain http')
    const program = await ann.post('/v1/auth/login', { username: 'ann', password: PASSWORD })
    t.ok(program.json<Session>().refresh_token, 'a program gets it in the body')
    t.notOk(program.headers['set-cookie'])
  })

  t.test('reads, and changes nothing', async (t) => {
    t.match((await ann.get('/v1/auth/me')).json(), { user: { username: 'ann' }, via: 'token' })
    const album = { name: 'by a foreign form' }
    t.match((await ann.post('/v1/albums', album)).json(), { status: 401, code: 'AUTH_REQUIRED' })
    t.equal((await ann.post('/v1/albums', album, { authorization: `Bearer ${access_token}` })).statusCode, 201)
    t.match((await ann.get('/v1/auth/me', { authorization: 'Bearer worthless' })).json(), { code: 'TOKEN_INVALID' })
    t.equal((await ann.get('/v1/auth/me', { 'sec-fetch-site': 'none' })).statusCode, 200, 'an address that was typed')
    t.equal((await ann.get('/v1/auth/me', { 'sec-fetch-site': 'same-site' })).statusCode, 401, 'another port')
  })

  t.test('is renewed by the cookie, which is good for once', async (t) => {
    const before = ann.cookie()
    const first = await ann.post('/v1/auth/refresh', {}, SAME_ORIGIN)
    t.match(first.json(), { user: { username: 'ann' }, access_token: String })
    t.notOk('refresh_token' in first.json())
    const between = ann.cookie()
    t.not(between, before)
    t.equal((await ann.post('/v1/auth/refresh', {})).statusCode, 200, 'also for a browser that does not say from where')
    const replayed = await ann.post('/v1/auth/refresh', {}, {}, before)
    t.match(replayed.json(), { status: 401, code: 'TOKEN_INVALID' })
    t.notOk(replayed.headers['set-cookie'], 'nothing is taken away: somebody else may hold the good one')
    t.match((await ann.post('/v1/auth/refresh', {})).json(), { code: 'TOKEN_INVALID' }, 'the session is over')
    t.equal((await ann.get('/v1/auth/me')).statusCode, 401)
  })

  t.test('survives a reload that loses the answer to a refresh, three times', async (t) => {
    await ann.post('/v1/auth/login', { username: 'ann', password: PASSWORD, keep_session: true })
    const spent = ann.cookie()
    for (let reloads = 0; reloads < 3; reloads++)
      t.equal((await ann.post('/v1/auth/refresh', {}, {}, spent)).statusCode, 200)
    t.equal((await ann.get('/v1/auth/me')).statusCode, 200, 'the last answer is good')
    t.equal((await ann.post('/v1/auth/refresh', {})).statusCode, 200)
    t.equal((await ann.post('/v1/auth/refresh', {}, {}, spent)).statusCode, 401, 'and once it was used, no other')
    t.equal((await ann.post('/v1/auth/refresh', {})).statusCode, 401, 'the session is over')
    await ann.post('/v1/auth/login', { username: 'ann', password: PASSWORD, keep_session: true })
    const before = ann.cookie()
    await ann.post('/v1/auth/refresh', {})
    const stolen = ann.cookie()
    await ann.post('/v1/auth/refresh', {}, {}, before)
    t.equal((await ann.post('/v1/auth/refresh', {}, {}, stolen)).statusCode, 401, 'nor is what was lost of any use')
    await ann.post('/v1/auth/login', { username: 'ann', password: PASSWORD, keep_session: true })
  })

  t.test('is not for pages of other origins', async (t) => {
    const signIn = { username: 'ann', password: PASSWORD, keep_session: true }
    for (const site of ['same-site', 'cross-site', 'none']) {
      const headers = { 'sec-fetch-site': site }
      t.match((await ann.post('/v1/auth/login', signIn, headers)).json(), { status: 403, code: 'PAGE_FOREIGN' }, site)
    }
    await ann.post('/v1/auth/login', signIn, SAME_ORIGIN)
    const cookie = ann.cookie()
    for (const path of ['/v1/auth/refresh', '/v1/auth/logout']) {
      const answer = await ann.post(path, {}, { 'sec-fetch-site': 'same-site' })
      t.match(answer.json(), { status: 403, code: 'PAGE_FOREIGN' }, path)
      t.equal(ann.cookie(), cookie)
      const form = await app.http.inject({
        method: 'POST',
        url: path,
        payload: 'x=',
        headers: { cookie, 'content-type': 'application/x-www-form-urlencoded' },
      })
      t.equal(form.statusCode, 415, 'what a form of another origin can send is not taken')
      const plain = await app.http.inject({
        method: 'POST',
        url: path,
        payload: '{}',
        headers: { cookie, 'content-type': 'text/plain' },
      })
      t.equal(plain.statusCode, 400, 'nor is plain text')
    }
    t.equal((await ann.post('/v1/auth/refresh', {}, SAME_ORIGIN)).statusCode, 200, 'none of it touched the session')
  })

  t.test('survives a change of the password, and ends by signing out', async (t) => {
    const session = (await ann.post('/v1/auth/refresh', {}, SAME_ORIGIN)).json<Session>()
    const change = { current_password: PASSWORD, new_password: 'another long walk', keep_session: true }
    const changed = await ann.post('/v1/auth/password', change, { authorization: `Bearer ${session.access_token}` })
    t.equal(changed.statusCode, 200)
    t.equal((await ann.post('/v1/auth/refresh', {})).statusCode, 200)
    const cookie = ann.cookie()
    const out = await ann.post('/v1/auth/logout', {}, SAME_ORIGIN)
    t.equal(out.statusCode, 204)
    t.equal(ann.cookie(), '', 'both cookies are gone')
    t.equal(out.headers['clear-site-data'], '"cache"')
    t.equal((await ann.post('/v1/auth/refresh', {}, {}, cookie)).statusCode, 401, 'and worthless')
    t.equal((await ann.get('/v1/auth/me', { cookie })).statusCode, 401)
    t.equal((await ann.post('/v1/auth/logout', {})).statusCode, 204, 'twice is no error')
    t.match((await ann.post('/v1/auth/refresh', {})).json(), { status: 401, code: 'TOKEN_INVALID' })
  })

  t.test('does not open the WebSocket', async (t) => {
    await ann.post('/v1/auth/login', { username: 'ann', password: 'another long walk', keep_session: true })
    const socket = new WebSocket(`${address.replace('http', 'ws')}/ws`, { headers: { cookie: ann.cookie() } })
    const closed = new Promise((resolve) => socket.on('close', resolve))
    await once(socket, 'open')
    socket.send(JSON.stringify({ type: 'subscribe_all' }))
    t.equal(await closed, 4002)
  })
})

t.test('behind a proxy with TLS the cookies are Secure', async (t) => {
  const { app } = await startApp(t, { TRUST_PROXY: 'true' })
  const browser = createBrowser(app)
  const headers = { 'x-forwarded-proto': 'https', 'x-forwarded-host': 'photos.example' }
  const body = { username: 'ann', password: PASSWORD, keep_session: true }
  const registered = await browser.post('/v1/auth/register', body, headers)
  for (const { attributes } of cookiesOf(registered.headers)) t.ok(attributes.includes('Secure'))
  for (const { attributes } of cookiesOf((await browser.post('/v1/auth/logout', {}, headers)).headers))
    t.ok(attributes.includes('Secure'), 'also when they are taken away')
  t.match(
    (await browser.get('/', headers)).headers['content-security-policy'],
    /connect-src 'self' wss:\/\/photos\.example;/,
  )
})

/** The page as a build leaves it, as small as can be. */
async function createPageServer(t: Test) {
  const folder = await mkdtemp(join(tmpdir(), 'darkroom-page-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  await mkdir(join(folder, 'assets'))
  await writeFile(join(folder, 'index.html'), '<!doctype html><title>Darkroom</title>')
  await writeFile(join(folder, 'assets', 'index-1a2b3c.js'), 'export {}')
  await writeFile(join(folder, 'assets', 'index-1a2b3c.js.br'), 'compressed')
  return serve(t, folder)
}

async function serve(t: Test, folder: string | undefined) {
  const identify = async () => {
    throw new Error('nobody is asked who they are')
  }
  const app = await createFoundation({ log: silent, version: '1.2.3', trustProxy: false, identify })
  t.teardown(() => app.close())
  await app.register(pageRoutes, { folder })
  return app
}

t.test('the page', async (t) => {
  const app = await createPageServer(t)

  t.test('is one document at each of its addresses, asked for again each time', async (t) => {
    const id = '01900000-0000-7000-8000-000000000000'
    const paths = ['/', `/photo/${id}`, '/search?q=boats', '/uploads', '/batches', `/batches/${id}`, '/albums']
    for (const path of [...paths, `/albums/${id}`, '/trash', '/settings', '/welcome']) {
      const { statusCode, headers, body } = await app.inject(path)
      t.match({ statusCode, body }, { statusCode: 200, body: '<!doctype html>' }, path)
      t.match(headers, { 'content-type': /^text\/html/, 'cache-control': 'no-cache' })
      const known = { 'if-none-match': String(headers.etag) }
      t.equal((await app.inject({ url: path, headers: known })).statusCode, 304)
    }
    t.equal((await app.inject({ method: 'HEAD', url: '/' })).statusCode, 200)
  })

  t.test('names its scripts by what is in them, so that they are kept for a year', async (t) => {
    const script = await app.inject('/assets/index-1a2b3c.js')
    t.match(script.headers, {
      'content-type': /javascript/,
      'cache-control': 'public, max-age=31536000, immutable',
      vary: 'accept-encoding',
    })
    const compressed = await app.inject({ url: '/assets/index-1a2b3c.js', headers: { 'accept-encoding': 'gzip, br' } })
    t.match(compressed, { headers: { 'content-encoding': 'br' }, body: 'compressed' })
  })

  t.test('allows its own scripts and nothing else, on plain http too', async (t) => {
    const { headers } = await app.inject({ url: '/', headers: { host: 'nas.local:3000' } })
    t.equal(
      headers['content-security-policy'],
      "default-src 'self';img-src 'self' blob: data:;media-src 'self' blob:;connect-src 'self' ws://nas.local:3000;" +
        "object-src 'none';base-uri 'none';form-action 'self';frame-ancestors 'none'",
    )
    t.match(headers, {
      'x-frame-options': 'DENY',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
    })
    t.notOk(headers['strict-transport-security'])
    const strange = await app.inject({ url: '/', headers: { host: "a;script-src'*'" } })
    t.match(strange.headers['content-security-policy'], /connect-src 'self';/, 'a host is named only when it is one')
  })

  t.test('takes no other address', async (t) => {
    const paths = [
      '/nowhere',
      '/v1/nowhere',
      '/photo',
      '/assets/',
      '/assets/gone.js',
      '/assets/../index.html',
      '/index.html',
    ]
    for (const path of [...paths, '/assets/..%2findex.html', '/assets/%2e%2e/index.html', '/photo/a/b']) {
      const { statusCode, headers } = await app.inject(path)
      t.ok(statusCode === 404 || statusCode === 403, `${path} ${statusCode}`)
      t.match(headers['content-type'], /^application\/problem\+json/, path)
    }
    t.equal((await app.inject({ method: 'POST', url: '/' })).statusCode, 404)
    t.equal((await app.inject('/docs/')).statusCode, 200)
    t.notMatch(Object.keys((await app.inject('/docs/json')).json().paths), /./, 'it is not part of the API')
  })
})

t.test('a server whose page was not built says so', async (t) => {
  const app = await serve(t, undefined)
  t.match((await app.inject('/')).json(), { status: 404, code: 'ROUTE_NOT_FOUND', detail: /npm run build/ })
})

t.test('the page that was built has nothing inline', { skip: !existsSync('dist/page/index.html') }, async (t) => {
  const html = (await (await serve(t, resolve('dist/page'))).inject('/')).body
  t.match(html, /<script type="module"[^>]* src="\/assets\//)
  t.notMatch(html, /<script(?![^>]* src=)|<style|style=|\son\w+=|https?:/)
})
