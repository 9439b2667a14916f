import { recordAudit } from './audit.ts'
import type { Sql, TransactionSql } from './driver.ts'

export interface NewRefreshToken {
  id: string
  hash: Buffer
  expiresAt: Date
}

/** Where a request came from. */
export interface Origin {
  address: string
  /** As the client names itself. */
  userAgent: string | null
}

export interface SessionOwner {
  userId: string
  sessionId: string
}

export interface SessionRow {
  id: string
  createdAt: Date
  lastUsedAt: Date
  address: string | null
  userAgent: string | null
}

export type SessionStore = ReturnType<typeof createSessionStore>

/**
 * Sessions and their refresh tokens, known only by their SHA-256. One token of a session is alive at a time: spending it
 * (`used_at`) makes its successor. What a session is worth stands in its own row: once ended, none of its tokens counts.
 */
export function createSessionStore(sql: Sql) {
  /** Stores the successor of what `spent` gives, the statement's first query: a session and whose it is, or nothing. */
  async function succeed(
    spent: ReturnType<typeof alive>,
    successor: NewRefreshToken,
    { address, userAgent }: Origin,
  ): Promise<SessionOwner | undefined> {
    const [owner] = await sql<SessionOwner[]>`
      with ${spent}, successor as (
        insert into refresh_tokens (id, session_id, token_hash, expires_at)
        select ${successor.id}::uuid, session_id, ${successor.hash}::bytea, ${successor.expiresAt}::timestamptz
        from spent
      ), seen as (
        update sessions set last_used_at = now(), address = ${address}::text, user_agent = ${userAgent}::text
        where id = (select session_id from spent)
      )
      select session_id, user_id from spent`
    return owner
  }

  return {
    /**
     * A new session with its first token. False when the user is disabled or no longer has `passwordHash`: nothing is
     * stored. The lock makes a change of the password come before this, and be noticed, or after it, and end this session.
     */
    async insert(
      token: NewRefreshToken,
      { userId, sessionId }: SessionOwner,
      passwordHash: string,
      { address, userAgent }: Origin,
      signedIn: boolean,
    ): Promise<boolean> {
      return sql.begin(async (tx) => {
        const { count } = await tx`
          insert into sessions (id, user_id, address, user_agent)
          select ${sessionId}::uuid, id, ${address}::text, ${userAgent}::text
          from users where id = ${userId} and password_hash = ${passwordHash} and disabled_at is null
          for share`
        if (count !== 1) return false
        await tx`
          insert into refresh_tokens (id, session_id, token_hash, expires_at)
          values (${token.id}, ${sessionId}, ${token.hash}, ${token.expiresAt})`
        if (signedIn) await recordAudit(tx, { action: 'signed_in', userId, address })
        return true
      })
    },

    /**
     * Spends one token and stores its successor, in one statement: of two at the same instant one gets a row. A session
     * that is being ended meanwhile stays ended, whatever was stored for it.
     */
    async rotate(hash: Buffer, successor: NewRefreshToken, from: Origin): Promise<SessionOwner | undefined> {
      const spent = sql`spent as (
        update refresh_tokens t set used_at = clock_timestamp()
        from sessions s join users u on u.id = s.user_id
        where t.token_hash = ${hash} and t.used_at is null and t.expires_at > now()
          and s.id = t.session_id and s.ended_at is null and u.disabled_at is null
        returning t.session_id, s.user_id)`
      return succeed(spent, successor, from)
    },

    /**
     * Gives another successor to a token that was spent between two moments, as long as nobody has used the one before:
     * that one is spent now. It counts as spent before the token is again: the token may come once more, and it not.
     */
    async rotateAgain(
      hash: Buffer,
      successor: NewRefreshToken,
      from: Origin,
      spentAfter: Date,
      spentBefore: Date,
    ): Promise<SessionOwner | undefined> {
      const spent = sql`given as (
        select t.id, t.session_id, t.used_at, s.user_id
        from refresh_tokens t join sessions s on s.id = t.session_id join users u on u.id = s.user_id
        where t.token_hash = ${hash} and t.used_at > ${spentAfter} and t.used_at < ${spentBefore}
          and s.ended_at is null and u.disabled_at is null
          and not exists (
            select 1 from refresh_tokens later where later.session_id = t.session_id and later.used_at > t.used_at)
      ), lost as (
        update refresh_tokens t set used_at = now() - interval '1 microsecond' from given
        where t.session_id = given.session_id and t.used_at is null
        returning given.id, given.session_id, given.user_id
      ), spent as (
        update refresh_tokens t set used_at = now() from lost where t.id = lost.id
        returning lost.session_id, lost.user_id)`
      return succeed(spent, successor, from)
    },

    /** Ends the session of a token that had been spent before `receivedAt`, when it came in again. Whose it was. */
    async endReplayed(hash: Buffer, receivedAt: Date, address: string): Promise<string | undefined> {
      return sql.begin(async (tx) => {
        const userId = await endSessionOf(tx, hash, receivedAt)
        if (userId !== undefined) await recordAudit(tx, { action: 'refresh_reused', userId, address })
        return userId
      })
    },

    /** Ends the session of a token, spent or not. Whose it was. */
    async endByToken(hash: Buffer, address: string): Promise<string | undefined> {
      return sql.begin(async (tx) => {
        const userId = await endSessionOf(tx, hash)
        if (userId !== undefined) await recordAudit(tx, { action: 'signed_out', userId, address })
        return userId
      })
    },

    /** Ends one session of a user. False when there is no such session that is alive. */
    async end({ userId, sessionId }: SessionOwner, address: string): Promise<boolean> {
      return sql.begin(async (tx) => {
        const { count } = await tx`
          update sessions s set ended_at = now() where id = ${sessionId} and user_id = ${userId} and ${alive(tx)}`
        const details = { session_id: sessionId }
        if (count === 1) await recordAudit(tx, { action: 'session_ended', userId, address, details })
        return count === 1
      })
    },

    /** Ends all sessions of a user but one; how many those were. */
    async endOthers({ userId, sessionId }: SessionOwner, address: string): Promise<number> {
      return sql.begin(async (tx) => {
        const { count } = await tx`
          update sessions s set ended_at = now() where user_id = ${userId} and id <> ${sessionId} and ${alive(tx)}`
        const details = { sessions: count }
        if (count > 0) await recordAudit(tx, { action: 'session_ended', userId, address, details })
        return count
      })
    },

    /** Those that are alive, the one that was used last first. */
    async list(userId: string, limit: number): Promise<SessionRow[]> {
      return sql<SessionRow[]>`
        select id, created_at, last_used_at, address, user_agent from sessions s
        where user_id = ${userId} and ${alive(sql)}
        order by last_used_at desc, id desc limit ${limit}`
    },

    /** Tokens that expired before a moment, and the sessions of which nothing is left. */
    async removeExpired(userId: string, expiredBefore: Date): Promise<void> {
      await sql.begin(async (tx) => {
        await tx`
          delete from refresh_tokens t using sessions s
          where s.id = t.session_id and s.user_id = ${userId} and t.expires_at < ${expiredBefore}`
        await tx`
          delete from sessions s where user_id = ${userId}
            and not exists (select 1 from refresh_tokens t where t.session_id = s.id)`
      })
    },
  }
}

/** Not ended, and with a token that can still be exchanged. */
function alive(on: Sql | TransactionSql) {
  return on`s.ended_at is null and exists (
    select 1 from refresh_tokens t where t.session_id = s.id and t.used_at is null and t.expires_at > now())`
}

/** @param spentBefore only when the token had been spent by then */
async function endSessionOf(tx: TransactionSql, hash: Buffer, spentBefore?: Date): Promise<string | undefined> {
  const [ended] = await tx<{ userId: string }[]>`
    update sessions set ended_at = now()
    where ended_at is null and id = (
      select session_id from refresh_tokens
      where token_hash = ${hash} ${spentBefore ? tx`and used_at < ${spentBefore}` : tx``})
    returning user_id`
  return ended?.userId
}
