import { v7 as createId } from 'uuid'
import type { Origin, SessionOwner, SessionRow, SessionStore } from '../db/sessions.ts'
import { AppError } from '../errors.ts'
import type { OpenSession } from '../schemas/accounts.ts'
import type { Principal } from './identity.ts'
import { createSecret, hashSecret } from './secrets.ts'
import type { Tokens } from './tokens.ts'

export type { Origin }

/** What a client holds while it is signed in. */
export interface SessionTokens {
  readonly accessToken: string
  readonly accessTokenSeconds: number
  readonly refreshToken: string
}

export interface SessionsDeps {
  store: SessionStore
  tokens: Tokens
  refreshTokenSeconds: number
}

export type Sessions = ReturnType<typeof createSessions>

/** Programs that sign in again and again leave many behind, until they expire. */
const LISTED_MAX = 200

/** Whoever lost an answer asks again within this time. */
const LOST_MS = 10_000

/**
 * A session has many refresh tokens, one alive at a time (RFC 9700, 4.14.2: rotation). It ends by logout, by its owner
 * from elsewhere, by expiry, or when a spent token comes back: then somebody has a copy, and nobody can tell who is the
 * thief.
 */
export function createSessions({ store, tokens, refreshTokenSeconds }: SessionsDeps) {
  const lifetimeMs = refreshTokenSeconds * 1000
  const endListeners = new Set<(userId: string) => void>()

  function tellEnded(userId: string | undefined): void {
    if (userId !== undefined) for (const tell of endListeners) tell(userId)
  }

  return {
    /**
     * @param passwordHash the one that the password was verified against, or that was just stored
     * @param signedIn whether that is worth a record of its own: registering and changing the password have theirs
     * @throws AppError CREDENTIALS_WRONG when the password was changed or the account disabled since then
     */
    async open(
      userId: string,
      passwordHash: string,
      from: Origin,
      { signedIn = false }: { signedIn?: boolean } = {},
    ): Promise<SessionTokens> {
      // A lifetime longer than needed: a spent token that comes back late still tells that somebody has a copy.
      await store.removeExpired(userId, new Date(Date.now() - lifetimeMs))
      const owner = { userId, sessionId: createId() }
      const { token, secret } = createToken()
      const isStored = await store.insert(token, owner, passwordHash, from, signedIn)
      if (!isStored) throw new AppError('CREDENTIALS_WRONG')
      return present(owner, secret)
    },

    /**
     * Takes a refresh token and gives its successor. Of two calls at once one wins; the other one is refused but was
     * no replay (two tabs of one browser do that), so the session goes on.
     * @param receivedAt when the request came in: what was spent after that was spent by a rival, not by a predecessor
     * @param mayBeLost whether an answer may not have arrived: a page that is reloaded meanwhile loses it
     * @throws AppError TOKEN_INVALID
     */
    async renew(
      refreshToken: string,
      receivedAt: Date,
      from: Origin,
      { mayBeLost }: { mayBeLost: boolean },
    ): Promise<SessionTokens & { userId: string }> {
      const hash = hashSecret(refreshToken)
      const { token, secret } = createToken()
      const recently = new Date(receivedAt.getTime() - LOST_MS)
      const owner =
        (await store.rotate(hash, token, from)) ??
        (mayBeLost ? await store.rotateAgain(hash, token, from, recently, receivedAt) : undefined)
      if (!owner) {
        tellEnded(await store.endReplayed(hash, receivedAt, from.address))
        throw new AppError('TOKEN_INVALID')
      }
      return { ...present(owner, secret), userId: owner.userId }
    },

    /** Ends the session that a refresh token belongs to. Ending one that does not exist is not an error (RFC 7009). */
    async end(refreshToken: string, address: string): Promise<void> {
      tellEnded(await store.endByToken(hashSecret(refreshToken), address))
    },

    /** Where somebody is signed in, the session that was used last first; 200 at the most. */
    async list({ userId, sessionId }: Principal): Promise<OpenSession[]> {
      const rows = await store.list(userId, LISTED_MAX)
      return rows.map((row) => toOpenSession(row, sessionId))
    },

    /** Its tokens are worthless at once. @throws AppError SESSION_NOT_FOUND, also for somebody else's */
    async endOne(userId: string, sessionId: string, address: string): Promise<void> {
      if (!(await store.end({ userId, sessionId }, address))) throw new AppError('SESSION_NOT_FOUND')
      tellEnded(userId)
    },

    /** Ends all but the one that asks; how many those were. */
    async endOthers({ userId, sessionId }: Principal, address: string): Promise<number> {
      // A key may not ask, and would have no session to keep.
      if (sessionId === null) throw new AppError('SCOPE_MISSING')
      const ended = await store.endOthers({ userId, sessionId }, address)
      if (ended > 0) tellEnded(userId)
      return ended
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

  function present(owner: SessionOwner, refreshToken: string): SessionTokens {
    return { accessToken: tokens.issue(owner), accessTokenSeconds: tokens.lifetimeSeconds, refreshToken }
  }
}

function toOpenSession(row: SessionRow, currentId: string | null): OpenSession {
  return {
    id: row.id,
    created_at: row.createdAt.toISOString(),
    last_used_at: row.lastUsedAt.toISOString(),
    address: row.address,
    user_agent: row.userAgent,
    current: row.id === currentId,
  }
}
