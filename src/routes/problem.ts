import { STATUS_CODES } from 'node:http'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { type AppError, ERRORS, type ErrorCode } from '../errors.ts'
import { ProblemSchema } from '../schemas/problem.ts'

const PROBLEM_TYPE = 'application/problem+json'

/** Long enough for a restart to make progress, short enough that nobody gives up. */
const RETRY_AFTER_UNAVAILABLE_SECONDS = 5

const FILE_HEADERS = ['etag', 'last-modified', 'content-disposition', 'content-length', 'content-encoding']

/** Answers a request with an error, as RFC 9457 says. */
export function sendProblem(error: AppError, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const problem = {
    ...error.extra,
    type: 'about:blank',
    title: STATUS_CODES[error.status],
    status: error.status,
    detail: error.message,
    instance: request.url.split('?', 1)[0],
    code: error.code,
    request_id: request.id,
  }
  // Before it failed, the route may have described a file, and promised that it can be kept for a year.
  for (const name of FILE_HEADERS) reply.removeHeader(name)
  reply.code(error.status).headers({ 'x-request-id': request.id, 'cache-control': 'no-store' })
  const challenge = challengeFor(error)
  if (challenge) reply.header('www-authenticate', challenge)
  const retryAfter = retryAfterSeconds(error)
  if (retryAfter !== undefined) reply.header('retry-after', retryAfter)
  // As text, because the schema of the route would drop the members that only some codes have.
  return reply.type(PROBLEM_TYPE).send(JSON.stringify(problem))
}

/** Every 401 names the way in (RFC 9110, 15.5.2; RFC 6750, 3). */
function challengeFor({ code, status }: AppError): string | undefined {
  if (status !== 401) return undefined
  return code === 'TOKEN_INVALID' ? 'Bearer realm="darkroom", error="invalid_token"' : 'Bearer realm="darkroom"'
}

function retryAfterSeconds({ code, extra }: AppError): number | undefined {
  if (typeof extra.retry_after_seconds === 'number') return extra.retry_after_seconds
  return code === 'NOT_READY' || code === 'DATABASE_UNAVAILABLE' ? RETRY_AFTER_UNAVAILABLE_SECONDS : undefined
}

/** A problem for a connection that never became a request, as the bytes to write. */
export function rawProblem(error: AppError): string {
  const { status, code, message } = error
  const body = JSON.stringify({ type: 'about:blank', title: STATUS_CODES[status], status, detail: message, code })
  return [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    `content-type: ${PROBLEM_TYPE}`,
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
    '',
    body,
  ].join('\r\n')
}

export interface ProblemResponse {
  description: string
  content: { [PROBLEM_TYPE]: { schema: typeof ProblemSchema } }
}

/** The `response` schemas of the problems with which a route can answer, for spreading: one per status. */
export function problemResponses(...codes: ErrorCode[]): Record<'4xx' | '5xx', ProblemResponse> {
  const sentences = new Map<number, string[]>()
  for (const code of new Set(codes)) {
    const { status, sentence } = ERRORS[code]
    sentences.set(status, [...(sentences.get(status) ?? []), `\`${code}\`: ${sentence}`])
  }
  const content = { [PROBLEM_TYPE]: { schema: ProblemSchema } }
  const responses = [...sentences].map(([status, lines]) => [status, { description: lines.join('\n\n'), content }])
  // Typed by their class, since which statuses there are is known only now.
  return Object.fromEntries(responses) as Record<'4xx' | '5xx', ProblemResponse>
}
