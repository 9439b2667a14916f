import { recordAudit } from './audit.ts'
import type { Sql } from './driver.ts'

export interface NewRefreshToken {
  id: string
  hash: Buffer
  expiresAt: Date
}

export interface TokenOwner {
  userId: string
  familyId: string
}

export type RefreshTokenStore = ReturnType<typeof createRefreshTokenStore>

/**
 * Refresh tokens, known only by their SHA-256. A token lives until it is spent (`used_at`), revoked or expired;
 * spending it makes its successor. One revoked token makes its whole family worthless.
 */
export function createRefreshTokenStore(sql: Sql) {
  return {
    /**
     * The first token of a session. False when the user is disabled or no longer has `passwordHash`: nothing is stored.
     * The lock makes a change of the password come before this, and be noticed, or after it, and revoke this token.
     * @param signedInFrom the address from which somebody signed in; undefined when the session follows from something else
     */
    async insert(
      token: NewRefreshToken,
      { userId, familyId }: TokenOwner,
      passwordHash: string,
      signedInFrom?: string,
    ): Promise<boolean> {
      return sql.begin(async (tx) => {
        const { count } = await tx`
          insert into refresh_tokens (id, user_id, family_id, token_hash, expires_at)
          select ${token.id}::uuid, id, ${familyId}::uuid, ${token.hash}::bytea, ${token.expiresAt}::timestamptz
          from users where id = ${userId} and password_hash = ${passwordHash} and disabled_at is null
          for share`
        if (count === 1 && signedInFrom !== undefined) {
          await recordAudit(tx, { action: 'signed_in', userId, address: signedInFrom })
        }
        return count === 1
      })
    },

    /**
     * Spends one token and stores its successor, in one statement: of two at the same instant one gets a row.
     * A successor that another transaction inserted while its family was being revoked carries no mark itself,
     * therefore the relatives are asked too.
     */
    async rotate(hash: Buffer, successor: NewRefreshToken): Promise<TokenOwner | undefined> {
      const [owner] = await sql<TokenOwner[]>`
        with spent as (
          update refresh_tokens t set used_at = clock_timestamp()
          from users u
          where t.token_hash = ${hash} and t.used_at is null and t.expires_at > now()
            and u.id = t.user_id and u.disabled_at is null
            and not exists (
              select 1 from refresh_tokens relative
              where relative.family_id = t.family_id and relative.revoked_at is not null)
          returning t.user_id, t.family_id
        ), successor as (
          insert into refresh_tokens (id, user_id, family_id, token_hash, expires_at)
          select ${successor.id}::uuid, user_id, family_id, ${successor.hash}::bytea, ${successor.expiresAt}::timestamptz
          from spent
        )
        select user_id, family_id from spent`
      return owner
    },

    /** Revokes the family of a token that had been spent before `receivedAt`, when it came in again. Whose it was. */
    async revokeReplayed(hash: Buffer, receivedAt: Date, address: string): Promise<string | undefined> {
      return sql.begin(async (tx) => {
        const [revoked] = await tx<{ userId: string }[]>`
          update refresh_tokens set revoked_at = now()
          where revoked_at is null and family_id = (
            select family_id from refresh_tokens where token_hash = ${hash} and used_at < ${receivedAt})
          returning user_id`
        if (revoked) await recordAudit(tx, { action: 'refresh_reused', userId: revoked.userId, address })
        return revoked?.userId
      })
    },

    async revokeFamily(hash: Buffer, address: string): Promise<string | undefined> {
      return sql.begin(async (tx) => {
        const [revoked] = await tx<{ userId: string }[]>`
          update refresh_tokens set revoked_at = now()
          where revoked_at is null and family_id = (select family_id from refresh_tokens where token_hash = ${hash})
          returning user_id`
        if (revoked) await recordAudit(tx, { action: 'signed_out', userId: revoked.userId, address })
        return revoked?.userId
      })
    },

    async removeExpired(userId: string, expiredBefore: Date): Promise<void> {
      await sql`delete from refresh_tokens where user_id = ${userId} and expires_at < ${expiredBefore}`
    },
  }
}
