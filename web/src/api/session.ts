import { computed, type ReadonlySignal } from '@preact/signals'
import type { User } from '../../../src/schemas/accounts.ts'
import { dropGrant, freshToken, type Grant, holder, keepGrant } from './access.ts'
import { toApiError, unreachable } from './problem.ts'

/** Who is signed in. Undefined: nobody. */
export const user: ReadonlySignal<User | undefined> = computed(() => holder.value?.user)

/** @throws ApiError CREDENTIALS_WRONG, RATE_LIMITED, UNREACHABLE */
export function signIn(username: string, password: string): Promise<void> {
  return open('/v1/auth/login', username, password)
}

/** @throws ApiError REGISTRATION_CLOSED, PASSWORD_TOO_COMMON, USERNAME_TAKEN, VALIDATION_FAILED, UNREACHABLE */
export function register(username: string, password: string): Promise<void> {
  return open('/v1/auth/register', username, password)
}

/**
 * Goes on with the session of an earlier visit, if there is one: `user` tells.
 * @throws ApiError UNREACHABLE
 */
export async function resume(): Promise<void> {
  await freshToken()
}

/** The server ends the session and takes its cookies back; this page forgets it even when the server is away. */
export async function signOut(): Promise<void> {
  try {
    await post('/v1/auth/logout', {})
  } finally {
    dropGrant()
  }
}

/** After the password was changed: the answer is a new session, and all others are over. */
export function adoptSession(grant: Grant): void {
  keepGrant(grant)
}

async function open(path: string, username: string, password: string): Promise<void> {
  const response = await post(path, { username, password, keep_session: true })
  keepGrant(await response.json())
}

async function post(path: string, body: object): Promise<Response> {
  const headers = { 'content-type': 'application/json' }
  const response = await fetch(path, { method: 'POST', headers, body: JSON.stringify(body) }).catch(() => {
    throw unreachable()
  })
  if (response.ok) return response
  throw toApiError(response.status, await response.text(), response.headers.get('retry-after'))
}
