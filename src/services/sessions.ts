import { v7 as createId } from 'uuid'
import type { RefreshTokenStore, TokenOwner } from '../db/refresh-tokens.ts'
import { AppError } from '../errors.ts'
import { createSecret, hashSecret } from './secrets.ts'
import type { Tokens } from './tokens.ts'

/** What a client holds while it is signed in. */
export interface SessionTokens {
  readonly accessToken: string
  readonly accessTokenSeconds: number
  readonly refreshToken: string
}

export interface SessionsDeps {
  refreshTokens: RefreshTokenStore
  tokens: Tokens
  refreshTokenSeconds: number
}

export type Sessions = ReturnType<typeof createSessions>

/**
 * A session is a family of refresh tokens, one alive at a time (RFC 9700, 4.14.2: rotation). It ends by logout,
 * by expiry, or when a spent token comes back: then somebody has a copy, and nobody can tell who is the thief.
 */
export function createSessions({ refreshTokens, tokens, refreshTokenSeconds }: SessionsDeps) {
  const lifetimeMs = refreshTokenSeconds * 1000
  const endListeners = new Set<(userId: string) => void>()

  function tellEnded(userId: string | undefined): void {
    if (userId !== undefined) for (const tell of endListeners) tell(userId)
  }

  return {
    /**
     * @param passwordHash the one that the password was verified against, or that was just stored
     * @param signedInFrom the address from which somebody signed in; undefined when that is recorded as something else
     * @throws AppError CREDENTIALS_WRONG when the password was changed or the account disabled since then
     */
    async open(userId: string, passwordHash: string, signedInFrom?: string): Promise<SessionTokens> {
      // A lifetime longer than needed: a revoked token must outlive what its family could still bring forth.
      await refreshTokens.removeExpired(userId, new Date(Date.now() - lifetimeMs))
      const owner = { userId, familyId: createId() }
      const { token, secret } = createToken()
      const isStored = await refreshTokens.insert(token, owner, passwordHash, signedInFrom)
      if (!isStored) throw new AppError('CREDENTIALS_WRONG')
      return present(owner, secret)
    },

    /**
     * Takes a refresh token and gives its successor. Of two calls at once one wins; the other one is refused but was
     * no replay (two tabs of one browser do that), so the session goes on.
     * @param receivedAt when the request came in: what was spent after that was spent by a rival, not by a predecessor
     * @throws AppError TOKEN_INVALID
     */
    async renew(refreshToken: string, receivedAt: Date, address: string): Promise<SessionTokens & { userId: string }> {
      const hash = hashSecret(refreshToken)
      const { token, secret } = createToken()
      const owner = await refreshTokens.rotate(hash, token)
      if (!owner) {
        tellEnded(await refreshTokens.revokeReplayed(hash, receivedAt, address))
        throw new AppError('TOKEN_INVALID')
      }
      return { ...present(owner, secret), userId: owner.userId }
    },

    /** Ends the session that a refresh token belongs to. Ending one that does not exist is not an error (RFC 7009). */
    async end(refreshToken: string, address: string): Promise<void> {
      tellEnded(await refreshTokens.revokeFamily(hashSecret(refreshToken), address))
    },

    tellEnded,

    /** Told whose session ended, at once: sockets stay open, and would notice only with their next heartbeat. */
    onEnded(listener: (userId: string) => void): () => void {
      endListeners.add(listener)
      return () => endListeners.delete(listener)
    },
  }

  function createToken() {
    const { secret, hash } = createSecret()
    return { token: { id: createId(), hash, expiresAt: new Date(Date.now() + lifetimeMs) }, secret }
  }

  function present(owner: TokenOwner, refreshToken: string): SessionTokens {
    return { accessToken: tokens.issue(owner), accessTokenSeconds: tokens.lifetimeSeconds, refreshToken }
  }
}
