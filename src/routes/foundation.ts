import { randomUUID } from 'node:crypto'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import cookie from '@fastify/cookie'
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import Fastify, { type FastifyBaseLogger, type FastifyInstance, type FastifyRequest } from 'fastify'
import type { Logger } from 'pino'
import { AppError, type ErrorCode } from '../errors.ts'
import type { Identify } from '../services/identity.ts'
import { registerAuthentication } from './authenticate.ts'
import { registerDocs } from './docs.ts'
import { rawProblem, sendProblem } from './problem.ts'
import { registerSecurity } from './security.ts'
import { compileSerializer } from './serialize.ts'
import { toAppError } from './to-app-error.ts'
import { compileValidator } from './validate.ts'

/** A Fastify whose routes take their types from their TypeBox schemas. */
export type HttpApp = FastifyInstance<Server, IncomingMessage, ServerResponse, FastifyBaseLogger, TypeBoxTypeProvider>

export interface FoundationOptions {
  log: Logger
  version: string
  /** Believe X-Forwarded-*: only behind a proxy of one's own. */
  trustProxy: boolean
  /** Whose pages may use the API from a browser, besides this server's own. */
  corsOrigins?: readonly string[]
  identify: Identify
}

/**
 * For JSON: twice the largest honest body, a thousand ids. Checking a hostile megabyte held everybody else up for 0.4 s.
 * Files are streamed, and bounded by the routes that take them.
 */
const BODY_MAX_BYTES = 64 * 1024

/** Asking to come again later is an answer, and no fault of the program. */
const COME_AGAIN: ReadonlySet<ErrorCode> = new Set(['NOT_READY', 'STORAGE_BUSY'])

/** Headers fit into one packet or two; whoever takes a minute holds the socket on purpose. */
const HEADERS_TIMEOUT_MS = 60_000

/** An upload may take hours, but not without a single byte for this long. */
const IDLE_TIMEOUT_MS = 5 * 60_000

/** Ids that come from a proxy in front are kept, if they look like ids: they end up in logs and in headers. */
const SANE_REQUEST_ID = /^[\w.:-]{1,128}$/

const SECRET_HEADERS = ['authorization', 'cookie', 'x-api-key', 'set-cookie']

/**
 * What all routes stand on: problems, request ids, validation, security headers, documentation,
 * and authentication are in place before the first route. Routes are private unless they say otherwise.
 */
export async function createFoundation(options: FoundationOptions): Promise<HttpApp> {
  const { log, version, trustProxy, corsOrigins = [], identify } = options
  const app: HttpApp = Fastify({
    loggerInstance: withoutSecrets(log),
    // One hop: the addresses further left in X-Forwarded-For are whatever the client wrote there.
    trustProxy: trustProxy ? (_address, hop) => hop === 0 : false,
    bodyLimit: BODY_MAX_BYTES,
    connectionTimeout: IDLE_TIMEOUT_MS,
    // No requestTimeout: it would cut off the upload of a large file.
    http: { headersTimeout: HEADERS_TIMEOUT_MS },
    genReqId: chooseRequestId,
    // While stopping we answer ourselves, in the shape of every other problem.
    return503OnClosing: false,
    frameworkErrors: (error, request, reply) => sendProblem(toAppError(error), request, reply),
    clientErrorHandler: answerBrokenRequest,
  })
  app.setValidatorCompiler(compileValidator)
  app.setSerializerCompiler(compileSerializer)
  registerProblems(app)
  registerRequestIds(app)
  await registerSecurity(app, corsOrigins)
  await app.register(cookie)
  await registerDocs(app, version)
  registerAuthentication(app, identify)
  return app
}

function withoutSecrets(log: Logger): FastifyBaseLogger {
  const paths = SECRET_HEADERS.flatMap((name) => [`headers["${name}"]`, `*.headers["${name}"]`])
  // Addresses are logged without their query: it holds what people look for, and now and then a token.
  const req = ({ method, url, ip, host }: Partial<FastifyRequest>) => ({
    method,
    url: url?.split('?', 1)[0],
    host,
    remoteAddress: ip,
  })
  return log.child({}, { redact: paths, serializers: { req } })
}

function chooseRequestId(request: IncomingMessage): string {
  const given = request.headers['x-request-id']
  return typeof given === 'string' && SANE_REQUEST_ID.test(given) ? given : randomUUID()
}

function registerRequestIds(app: HttpApp): void {
  let stopping = false
  app.addHook('preClose', async () => {
    stopping = true
  })
  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id)
    if (stopping) throw new AppError('NOT_READY')
  })
}

function registerProblems(app: HttpApp): void {
  app.setErrorHandler((thrown, request, reply) => {
    const error = toAppError(thrown)
    // The only place that logs it. What the client did wrong is told to the client.
    if (error.status >= 500 && !COME_AGAIN.has(error.code)) request.log.error({ err: error }, 'request failed')
    return sendProblem(error, request, reply)
  })
  app.setNotFoundHandler((request, reply) => sendProblem(new AppError('ROUTE_NOT_FOUND'), request, reply))
}

/** For what is not HTTP, or has headers that are too long or too slow: there is no request that could be answered. */
function answerBrokenRequest(_error: Error, socket: Socket): void {
  if (socket.writable)
    socket.write(rawProblem(new AppError('VALIDATION_FAILED', { detail: 'This is not a valid HTTP request.' })))
  socket.destroy()
}
