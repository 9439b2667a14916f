import type { FastifyRequest } from 'fastify'
import { AppError } from '../errors.ts'
import type { Scope } from '../schemas/accounts.ts'
import type { Identify, Principal } from '../services/identity.ts'
import type { HttpApp } from './foundation.ts'
import { accessCookieOf } from './session-cookies.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Who asks. On a public route, where nobody was asked who they are, reading it throws AUTH_REQUIRED. */
    readonly principal: Principal
  }
  interface FastifyContextConfig {
    /** Anybody may call this route. Without it a route is private. */
    public?: boolean
    /** What a key needs to call it. Default: `read` for GET and HEAD, `write` for everything else. */
    scope?: Scope
    /** API keys may not call it, whatever their scopes: a key must not be able to make or remove keys. */
    signedIn?: boolean
    /** Only administrators may call it. */
    administrator?: boolean
  }
}

/** Guards every route that is registered afterwards, except those with `config: { public: true }`. */
export function registerAuthentication(app: HttpApp, identify: Identify): void {
  const principals = new WeakMap<FastifyRequest, Principal>()

  app.decorateRequest('principal', {
    getter(this: FastifyRequest): Principal {
      const principal = principals.get(this)
      if (!principal) throw new AppError('AUTH_REQUIRED')
      return principal
    },
  })

  app.addHook('onRequest', async (request) => {
    // An address that does not exist tells nothing about anybody.
    if (request.is404 || request.routeOptions.config.public) return
    const credential = readCredential(request) ?? accessCookieOf(request)
    if (credential === undefined) throw new AppError('AUTH_REQUIRED')
    const principal = await identify(credential)
    assertAllowed(principal, request)
    principals.set(request, principal)
  })
}

/** The token or key in `Authorization: Bearer ...` or `X-API-Key: ...`. Never from the address: addresses are logged. */
function readCredential({ headers }: FastifyRequest): string | undefined {
  const [, bearer] = /^bearer +(\S+) *$/i.exec(headers.authorization ?? '') ?? []
  const apiKey = headers['x-api-key']
  return bearer ?? (typeof apiKey === 'string' && apiKey !== '' ? apiKey : undefined)
}

function assertAllowed(principal: Principal, { method, routeOptions: { config } }: FastifyRequest): void {
  const scope = config.scope ?? (method === 'GET' || method === 'HEAD' ? 'read' : 'write')
  if (!principal.scopes.includes(scope)) throw new AppError('SCOPE_MISSING', { extra: { scope } })
  if (config.administrator && principal.role !== 'administrator') throw new AppError('ADMINISTRATOR_REQUIRED')
  if (config.signedIn && principal.via !== 'token') {
    throw new AppError('SCOPE_MISSING', { detail: 'This needs a signed-in user; an API key may not do it.' })
  }
}
