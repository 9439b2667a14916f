import { AppError } from '../errors.ts'
import type { Role } from '../schemas/accounts.ts'
import { recordAudit } from './audit.ts'
import type { Sql } from './driver.ts'

export interface UserRow {
  id: string
  username: string
  role: Role
  createdAt: Date
}

/** What a login needs to know. */
export interface LoginRow extends UserRow {
  passwordHash: string
  disabledAt: Date | null
}

export interface NewUser {
  id: string
  username: string
  passwordHash: string
}

/** Any number, as long as nothing else in this database locks it. */
const REGISTRATION_LOCK = 7_201_001

export type UserStore = ReturnType<typeof createUserStore>

export function createUserStore(sql: Sql) {
  return {
    async hasAny(): Promise<boolean> {
      const [row] = await sql<{ any: boolean }[]>`select exists (select 1 from users) as any`
      return row?.any === true
    },

    /**
     * The first account becomes the administrator; the lock makes "first" mean one, however many register at once.
     * @throws AppError REGISTRATION_CLOSED (not the first, and not `open`), USERNAME_TAKEN
     */
    async register(user: NewUser, { open, address }: { open: boolean; address: string }): Promise<UserRow> {
      return sql.begin(async (tx) => {
        await tx`select pg_advisory_xact_lock(${REGISTRATION_LOCK})`
        const [existing] = await tx`select 1 from users limit 1`
        if (existing && !open) throw new AppError('REGISTRATION_CLOSED')
        const role: Role = existing ? 'member' : 'administrator'
        const [row] = await tx<UserRow[]>`
          insert into users (id, username, password_hash, role)
          values (${user.id}, ${user.username}, ${user.passwordHash}, ${role})
          on conflict (lower(username)) do nothing
          returning id, username, role, created_at`
        if (!row) throw new AppError('USERNAME_TAKEN')
        await recordAudit(tx, { action: 'registered', userId: row.id, address, details: { role } })
        return row
      })
    },

    async find(id: string): Promise<UserRow | undefined> {
      const [row] = await sql<UserRow[]>`select id, username, role, created_at from users where id = ${id}`
      return row
    },

    async findForLogin(username: string): Promise<LoginRow | undefined> {
      const [row] = await sql<LoginRow[]>`
        select id, username, role, created_at, password_hash, disabled_at
        from users where lower(username) = lower(${username})`
      return row
    },

    /** The user, if enabled and if the session that the access token belongs to has not been ended. */
    async findBySession(id: string, sessionId: string): Promise<UserRow | undefined> {
      const [row] = await sql<UserRow[]>`
        select u.id, u.username, u.role, u.created_at from users u join sessions s on s.user_id = u.id
        where u.id = ${id} and u.disabled_at is null and s.id = ${sessionId} and s.ended_at is null`
      return row
    },

    /**
     * Changes the password and ends every session, both or neither.
     * False when `oldHash` is no longer the one that is stored: somebody else was faster.
     */
    async replacePassword(id: string, oldHash: string, newHash: string, address: string): Promise<boolean> {
      return sql.begin(async (tx) => {
        const { count } = await tx`
          update users set password_hash = ${newHash} where id = ${id} and password_hash = ${oldHash}`
        // A statement of its own: one sees nothing of the logins that it waited for while it locked the user.
        if (count === 1) {
          await tx`update sessions set ended_at = now() where user_id = ${id} and ended_at is null`
          await recordAudit(tx, { action: 'password_changed', userId: id, address })
        }
        return count === 1
      })
    },
  }
}
