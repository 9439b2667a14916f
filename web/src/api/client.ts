import { freshToken, replaceToken } from './access.ts'
import { ApiError, toApiError, UNREACHABLE, unreachable } from './problem.ts'

export { ApiError, sentence, UNREACHABLE } from './problem.ts'

export type Query = Record<string, string | number | boolean | undefined>

interface Request {
  readonly method: string
  readonly url: string
  readonly body?: BodyInit | undefined
  readonly isJson: boolean
  readonly signal?: AbortSignal | undefined
}

/**
 * Reads. `query` members that are undefined are left out.
 * @throws ApiError with the server's sentence; the abort of `signal` as it is
 */
export function get<T>(path: string, options: { query?: Query; signal?: AbortSignal | undefined } = {}): Promise<T> {
  return ask({ method: 'GET', url: withQuery(path, options.query), isJson: false, signal: options.signal })
}

/**
 * Changes something. `body` goes as JSON, a FormData as a form. An empty answer is undefined.
 * @throws ApiError with the server's sentence; the abort of `signal` as it is
 */
export function send<T>(
  method: 'POST' | 'PATCH' | 'DELETE',
  path: string,
  body?: unknown,
  options: { query?: Query; signal?: AbortSignal | undefined } = {},
): Promise<T> {
  const isForm = body instanceof FormData
  return ask({
    method,
    url: withQuery(path, options.query),
    body: isForm ? body : body === undefined ? undefined : JSON.stringify(body),
    isJson: body !== undefined && !isForm,
    signal: options.signal,
  })
}

/** A token for what cannot go through `get` and `send`: uploads with progress, and the socket. */
export async function accessToken(): Promise<string> {
  const token = await freshToken()
  if (token === undefined) throw signedOut()
  return token
}

/** Whether `thrown` is only somebody changing their mind. */
export function isAbort(thrown: unknown): boolean {
  return thrown instanceof DOMException && thrown.name === 'AbortError'
}

export function withQuery(path: string, query: Query = {}): string {
  const known = Object.entries(query).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]]))
  return known.length === 0 ? path : `${path}?${new URLSearchParams(known)}`
}

/** A token that the server does not take any more is replaced once. */
async function ask<T>(request: Request): Promise<T> {
  const token = await accessToken()
  const response = await fetchWith(token, request)
  if (response.status !== 401) return read(response)
  const error = await toError(response)
  if (error.code !== 'TOKEN_INVALID' && error.code !== 'AUTH_REQUIRED') throw error
  const next = await replaceToken(token)
  if (next === undefined) throw error
  return read(await fetchWith(next, request))
}

async function fetchWith(token: string, { method, url, body, isJson, signal }: Request): Promise<Response> {
  const headers = { authorization: `Bearer ${token}`, ...(isJson ? { 'content-type': 'application/json' } : {}) }
  try {
    return await fetch(url, { method, headers, body: body ?? null, signal: signal ?? null })
  } catch (thrown) {
    throw isAbort(thrown) ? thrown : unreachable()
  }
}

async function read<T>(response: Response): Promise<T> {
  if (!response.ok) throw await toError(response)
  const text = await response.text()
  return text === '' ? (undefined as T) : JSON.parse(text)
}

async function toError(response: Response): Promise<ApiError> {
  return toApiError(response.status, await response.text(), response.headers.get('retry-after'))
}

function signedOut(): ApiError {
  return new ApiError(401, { code: 'AUTH_REQUIRED', detail: 'You are signed out. Sign in again.' })
}

export function isUnreachable(thrown: unknown): boolean {
  return thrown instanceof ApiError && thrown.code === UNREACHABLE
}
