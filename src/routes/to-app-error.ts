import type { FastifyError } from 'fastify'
import { AppError, type ErrorCode, isConnectionLost, isDiskFull, toError } from '../errors.ts'

/** Errors of the framework and of its plugins whose status alone would name the wrong code. */
const CODES_BY_FRAMEWORK_CODE: Readonly<Record<string, ErrorCode>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'BODY_TOO_LARGE',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'BODY_MALFORMED',
  FST_ERR_CTP_INVALID_JSON_BODY: 'BODY_MALFORMED',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'BODY_MALFORMED',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'MEDIA_TYPE_UNSUPPORTED',
  FST_INVALID_MULTIPART_CONTENT_TYPE: 'MEDIA_TYPE_UNSUPPORTED',
  FST_REQ_FILE_TOO_LARGE: 'UPLOAD_TOO_LARGE',
  FST_FILES_LIMIT: 'BATCH_TOO_MANY_FILES',
}

const CODES_BY_STATUS: Readonly<Record<number, ErrorCode>> = {
  401: 'AUTH_REQUIRED',
  403: 'SCOPE_MISSING',
  404: 'ROUTE_NOT_FOUND',
  413: 'BODY_TOO_LARGE',
  415: 'MEDIA_TYPE_UNSUPPORTED',
  416: 'RANGE_NOT_SATISFIABLE',
  429: 'RATE_LIMITED',
  503: 'NOT_READY',
}

/** The system says the same of a client that went away, or of a file: only with a query it is the database. */
const NOT_ONLY_DATABASE = /^(ECONNRESET|ECONNABORTED|EPIPE|ETIMEDOUT|ENOENT)$/

/** Whatever a route, a hook or the framework threw, as an error of the catalogue. What nobody foresaw is INTERNAL. */
export function toAppError(thrown: unknown): AppError {
  if (thrown instanceof AppError) return thrown
  const error: RoughError = toError(thrown)
  if (error.validation) return toValidationFailed(error)
  return new AppError(codeOf(error), { detail: detailOf(error), cause: error })
}

/** `syscall` is the system's; `query` is what the driver was asked when it failed. */
type RoughError = Partial<FastifyError> & Error & { syscall?: unknown; query?: unknown }

function codeOf({ code = '', statusCode = 500, message, syscall, query }: RoughError): ErrorCode {
  // Only a database is connected to.
  if (syscall === 'connect') return 'DATABASE_UNAVAILABLE'
  const isOfDatabase = query !== undefined || !NOT_ONLY_DATABASE.test(code)
  if (isOfDatabase && isConnectionLost({ code })) return 'DATABASE_UNAVAILABLE'
  if (isDiskFull({ code })) return 'STORAGE_FULL'
  if (isAborted({ code, message })) return 'BODY_MALFORMED'
  const known = CODES_BY_FRAMEWORK_CODE[code] ?? CODES_BY_STATUS[statusCode]
  if (known) return known
  if (statusCode >= 500) return 'INTERNAL'
  // A SyntaxError with a status is the JSON parser's, for bodies that try to set `__proto__`.
  return code.startsWith('FST_ERR_') ? 'VALIDATION_FAILED' : 'BODY_MALFORMED'
}

function detailOf({ code, message }: Partial<FastifyError>): string | undefined {
  if (isAborted({ code, message })) return 'The connection closed before the body was complete.'
  if (code === 'FST_ERR_BAD_URL') return 'The address holds a broken percent-encoding.'
  if (code === 'FST_ERR_MAX_PARAM_LENGTH') return 'A part of the address is too long.'
  return undefined
}

function isAborted({ code, message }: { code?: string | undefined; message?: string | undefined }): boolean {
  return code === 'ECONNRESET' && message === 'aborted'
}

interface SchemaProblem {
  keyword: string
  instancePath: string
  params: Record<string, unknown>
  message?: string | undefined
}

function toValidationFailed({ validation = [], validationContext }: Partial<FastifyError>): AppError {
  const errors = validation.flatMap((problem) => describe(problem, validationContext ?? 'request'))
  const [first] = errors
  return new AppError('VALIDATION_FAILED', {
    detail: first && `${first.path} ${first.message}.`,
    extra: { errors },
  })
}

/** One line per thing that is wrong: the validator names missing and unknown members all in one. */
function describe({ keyword, instancePath, params, message }: SchemaProblem, context: string) {
  const at = (name?: string) => context + instancePath + (name === undefined ? '' : `/${name}`)
  switch (keyword) {
    case 'required':
      return names(params.requiredProperties).map((name) => ({ path: at(name), message: 'is missing' }))
    case 'additionalProperties':
      return names(params.additionalProperties).map((name) => ({ path: at(name), message: 'is not known here' }))
    case 'boolean':
      // Said once more, with the name, by `additionalProperties`.
      return []
    case 'enum':
      return [{ path: at(), message: `must be one of ${names(params.allowedValues).join(', ')}` }]
    default:
      return [{ path: at(), message: message ?? 'is not valid' }]
  }
}

function names(value: unknown): string[] {
  return Array.isArray(value) ? value.map(String) : []
}
