import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import type { FastifyContextConfig, FastifySchema } from 'fastify'
import type { ErrorCode } from '../errors.ts'
import type { HttpApp } from './foundation.ts'
import { keepNames, liftSchemas } from './lift-schemas.ts'
import { problemResponses } from './problem.ts'

const TAGS = [
  { name: 'accounts', description: 'Registering, signing in, and who one is.' },
  { name: 'api keys', description: 'Keys for programs.' },
  { name: 'uploads', description: 'Files: handing one over, reading, changing, deleting.' },
  { name: 'files', description: 'The bytes: originals, previews, thumbnails.' },
  { name: 'batches', description: 'Many files at once, and how far they are.' },
  { name: 'search', description: 'Finding files by what is in them.' },
  { name: 'server', description: 'For clients and operators.' },
]

/** The documentation of every route that is registered afterwards: a page at /docs, OpenAPI 3.1 at /docs/json. */
export async function registerDocs(app: HttpApp, version: string): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Darkroom',
        version,
        description: 'Hand it photos and videos; it answers at once and develops them in the background.',
      },
      tags: TAGS,
      components: {
        securitySchemes: {
          bearer: { type: 'http', scheme: 'bearer', description: 'An access token, or an API key.' },
          api_key: { type: 'apiKey', in: 'header', name: 'X-API-Key' },
        },
      },
      security: [{ bearer: [] }, { api_key: [] }],
    },
    transform: ({ schema, url, route }) => ({
      url,
      schema: keepNames(describeRoute(schema ?? {}, route.config ?? {})),
    }),
    transformObject: (document) => liftSchemas('openapiObject' in document ? document.openapiObject : {}),
  })
  await app.register(async (scope) => {
    scope.addHook('onRoute', (route) => {
      route.config = { ...route.config, public: true }
    })
    await scope.register(swaggerUi, {
      routePrefix: '/docs',
      // The page would show the document's address to a service on the internet to have it judged.
      uiConfig: { validatorUrl: 'none' },
    })
  })
}

/** Adds what every route can answer, by what it is, so that no route has to say it. For the document only. */
function describeRoute(schema: FastifySchema, { rateLimit, public: isPublic }: FastifyContextConfig): FastifySchema {
  const { body, params, querystring, response } = schema
  const codes: ErrorCode[] = ['INTERNAL', 'NOT_READY', 'DATABASE_UNAVAILABLE']
  if (body) codes.push('BODY_MALFORMED', 'BODY_TOO_LARGE', 'MEDIA_TYPE_UNSUPPORTED')
  if (body || params || querystring) codes.push('VALIDATION_FAILED')
  if (rateLimit) codes.push('RATE_LIMITED')
  if (!isPublic) codes.push('AUTH_REQUIRED', 'TOKEN_INVALID', 'SCOPE_MISSING')
  return {
    ...schema,
    ...(isPublic ? { security: [] } : {}),
    response: mergeResponses((response ?? {}) as Responses, problemResponses(...codes)),
  }
}

type Responses = Record<string, { description?: string }>

/** A status that both have keeps both descriptions. */
function mergeResponses(own: Responses, shared: Responses): Responses {
  const merged = { ...shared, ...own }
  for (const [status, { description }] of Object.entries(shared)) {
    const ownDescription = own[status]?.description
    if (ownDescription) merged[status] = { ...own[status], description: `${ownDescription}\n\n${description}` }
  }
  return merged
}
