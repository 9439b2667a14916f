import { join } from 'node:path'
import fastifyStatic from '@fastify/static'
import type { FastifyPluginAsync, FastifyRequest } from 'fastify'
import { AppError } from '../errors.ts'

export interface PageRoutesOptions {
  /** What the build made of `web/`; undefined when there is nothing. */
  folder: string | undefined
}

/** The addresses that the page itself knows: each of them gives the same document, which holds nobody's data. */
const PAGE_PATHS = [
  ...['/', '/photo/:id', '/search', '/uploads', '/batches', '/batches/:id', '/albums', '/albums/:id'],
  ...['/trash', '/settings', '/welcome'],
]

/** The web page: a document, and scripts and styles whose names change with what is in them. */
export const pageRoutes: FastifyPluginAsync<PageRoutesOptions> = async (app, { folder }) => {
  app.addHook('onRoute', (route) => {
    route.config = { ...route.config, public: true }
    route.schema = { ...route.schema, hide: true }
  })
  app.addHook('onRequest', async (request, reply) => {
    reply.headers({ 'content-security-policy': policyFor(request), 'x-frame-options': 'DENY' })
  })
  if (folder === undefined) {
    for (const path of PAGE_PATHS) {
      app.get(path, async () => {
        throw new AppError('ROUTE_NOT_FOUND', { detail: NOT_BUILT })
      })
    }
    return
  }
  await app.register(fastifyStatic, {
    root: join(folder, 'assets'),
    prefix: '/assets/',
    index: false,
    dotfiles: 'ignore',
    preCompressed: true,
    immutable: true,
    maxAge: '1y',
  })
  for (const path of PAGE_PATHS) {
    app.get(path, async (_request, reply) => {
      // Asked for again each time, and mostly answered with 304: it names the scripts of this very build.
      reply.header('cache-control', 'no-cache')
      return reply.sendFile('index.html', folder, { cacheControl: false })
    })
  }
}

const NOT_BUILT = 'The web page is not built. Run "npm run build" and start the server again.'

/** `'self'` covers WebSockets of the same host in new browsers only. A host that a policy cannot name is left out. */
function policyFor({ host, protocol }: FastifyRequest): string {
  const sockets = /^[\w.-]+(:\d+)?$/.test(host) ? ` ${protocol === 'https' ? 'wss' : 'ws'}://${host}` : ''
  return [
    "default-src 'self'",
    "img-src 'self' blob: data:",
    "media-src 'self' blob:",
    `connect-src 'self'${sockets}`,
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join(';')
}
