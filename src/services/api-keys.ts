import { v7 as createId } from 'uuid'
import type { ApiKeyRow, ApiKeyStore } from '../db/api-keys.ts'
import { AppError } from '../errors.ts'
import type { ApiKey, CreatedApiKey, Scope } from '../schemas/accounts.ts'
import { createSecret } from './secrets.ts'

/** Tells a key from an access token, and finds one that was committed to a repository by mistake. */
export const API_KEY_PREFIX = 'dk_'

/** Enough to tell one's own keys apart, and 215 of 256 bits are left. */
const SHOWN_CHARACTERS = API_KEY_PREFIX.length + 7

export type ApiKeys = ReturnType<typeof createApiKeys>

/** Keys for programs that act for a user. */
export function createApiKeys(store: ApiKeyStore) {
  const removalListeners = new Set<(userId: string) => void>()
  return {
    /** The key itself is in the answer and nowhere else. `address`: where the request came from. */
    async create(
      userId: string,
      { name, scopes }: { name: string; scopes: Scope[] },
      address: string,
    ): Promise<CreatedApiKey> {
      const { secret, hash } = createSecret(API_KEY_PREFIX)
      const prefix = secret.slice(0, SHOWN_CHARACTERS)
      const row = await store.insert({ id: createId(), userId, name, prefix, hash, scopes }, address)
      return { ...toApiKey(row), key: secret }
    },

    async list(userId: string): Promise<ApiKey[]> {
      return (await store.list(userId)).map(toApiKey)
    },

    /** The key stops working at once. @throws AppError API_KEY_NOT_FOUND, also for somebody else's */
    async remove(userId: string, id: string, address: string): Promise<void> {
      if (!(await store.remove(userId, id, address))) throw new AppError('API_KEY_NOT_FOUND')
      for (const tell of removalListeners) tell(userId)
    },

    /** Told whose key was removed, at once: sockets stay open, and would notice only with their next heartbeat. */
    onRemoved(listener: (userId: string) => void): () => void {
      removalListeners.add(listener)
      return () => removalListeners.delete(listener)
    },
  }
}

function toApiKey({ id, name, prefix, scopes, createdAt, lastUsedAt }: ApiKeyRow): ApiKey {
  return {
    id,
    name,
    prefix,
    scopes,
    created_at: createdAt.toISOString(),
    last_used_at: lastUsedAt?.toISOString() ?? null,
  }
}
