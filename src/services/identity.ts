import type { ApiKeyStore } from '../db/api-keys.ts'
import type { UserStore } from '../db/users.ts'
import { AppError } from '../errors.ts'
import { type Role, SCOPES, type Scope } from '../schemas/accounts.ts'
import { API_KEY_PREFIX } from './api-keys.ts'
import { hashSecret } from './secrets.ts'
import type { Tokens } from './tokens.ts'

/** On whose behalf a request or a socket acts, and what it may do. */
export interface Principal {
  readonly userId: string
  readonly username: string
  readonly role: Role
  readonly scopes: readonly Scope[]
  readonly via: 'token' | 'api_key'
  /** In which of the user's sessions; a key has none. */
  readonly sessionId: string | null
}

export interface IdentityDeps {
  users: UserStore
  apiKeys: ApiKeyStore
  tokens: Tokens
}

/**
 * Tells who sent a credential: an access token or an API key, as it came, without `Bearer`. Asks the database every
 * time, with one indexed query, so that disabling a user, logging out and removing a key work at once.
 * @throws AppError TOKEN_INVALID
 */
export type Identify = (credential: string) => Promise<Principal>

export function createIdentify({ users, apiKeys, tokens }: IdentityDeps): Identify {
  return async (credential) =>
    credential.startsWith(API_KEY_PREFIX) ? identifyApiKey(credential) : identifyToken(credential)

  async function identifyToken(token: string): Promise<Principal> {
    const { userId, sessionId } = tokens.read(token)
    const user = await users.findBySession(userId, sessionId)
    if (!user) throw new AppError('TOKEN_INVALID')
    return { userId, username: user.username, role: user.role, scopes: SCOPES, via: 'token', sessionId }
  }

  async function identifyApiKey(key: string): Promise<Principal> {
    const owner = await apiKeys.findOwner(hashSecret(key))
    if (!owner) throw new AppError('TOKEN_INVALID')
    if (owner.stale) await apiKeys.touch(owner.keyId)
    return {
      userId: owner.userId,
      username: owner.username,
      role: owner.role,
      scopes: owner.scopes,
      via: 'api_key',
      sessionId: null,
    }
  }
}
