import type { ClientConfig } from '../../../src/schemas/server.ts'
import { toApiError, unreachable } from './problem.ts'

let known: Promise<ClientConfig> | undefined

/** What this server takes. Asked for once; again after a failure. Works without being signed in. */
export function clientConfig(): Promise<ClientConfig> {
  known ??= read().catch((thrown: unknown) => {
    known = undefined
    throw thrown
  })
  return known
}

/** What changes when an account is made. */
export function forgetClientConfig(): void {
  known = undefined
}

async function read(): Promise<ClientConfig> {
  const response = await fetch('/v1/client-config').catch(() => {
    throw unreachable()
  })
  if (response.ok) return response.json()
  throw toApiError(response.status, await response.text(), response.headers.get('retry-after'))
}
