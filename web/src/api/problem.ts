import type { Problem } from '../../../src/schemas/problem.ts'

/** An answer of the server that is not what was asked for. `message` is the server's own sentence, made for people. */
export class ApiError extends Error {
  readonly status: number
  /** Stable; decide by this one. `UNREACHABLE` when there was no answer at all. */
  readonly code: string
  readonly retryAfterSeconds?: number
  /** The whole problem document, for codes that add members (`position` of QUERY_INVALID, say). */
  readonly problem: Readonly<Record<string, unknown>>

  constructor(status: number, problem: Partial<Problem>, retryAfterSeconds?: number) {
    super(sentenceOf(problem, status))
    this.name = 'ApiError'
    this.status = status
    this.code = problem.code ?? 'UNKNOWN'
    this.problem = problem
    if (retryAfterSeconds !== undefined) this.retryAfterSeconds = retryAfterSeconds
  }
}

export const UNREACHABLE = 'UNREACHABLE'

export function unreachable(): ApiError {
  return new ApiError(0, { code: UNREACHABLE, detail: 'The server cannot be reached.' })
}

/** @param text of the body; a proxy may have answered in the place of the server, with anything */
export function toApiError(status: number, text: string, retryAfter: string | null): ApiError {
  const seconds = Number(retryAfter ?? Number.NaN)
  return new ApiError(status, parseProblem(text), Number.isFinite(seconds) ? seconds : undefined)
}

/** The sentence of whatever was thrown, for people. */
export function sentence(thrown: unknown): string {
  return thrown instanceof ApiError ? thrown.message : 'Something went wrong on this page. Reload it and try again.'
}

function parseProblem(text: string): Partial<Problem> {
  try {
    const body: unknown = JSON.parse(text)
    return typeof body === 'object' && body !== null ? body : {}
  } catch {
    return {}
  }
}

/** VALIDATION_FAILED says in `errors` what is wrong, and more exactly than its detail. */
function sentenceOf({ detail, title }: Partial<Problem>, status: number): string {
  return detail ?? title ?? `The server answered with ${status}, and without a reason.`
}
