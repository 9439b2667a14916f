import { v7 as createId } from 'uuid'
import type { AuditStore } from '../db/audit.ts'
import type { Origin } from '../db/sessions.ts'
import type { UserRow, UserStore } from '../db/users.ts'
import { AppError } from '../errors.ts'
import type { Login, Registration, Session, User } from '../schemas/accounts.ts'
import type { ClientConfig } from '../schemas/server.ts'
import { isCommonPassword } from './common-passwords.ts'
import type { Passwords } from './passwords.ts'
import type { Sessions, SessionTokens } from './sessions.ts'

export interface AccountsDeps {
  users: UserStore
  sessions: Sessions
  passwords: Passwords
  audit: AuditStore
  registration: 'closed' | 'open'
}

export type Accounts = ReturnType<typeof createAccounts>

/** Who may use this server: registering, signing in and out, passwords. `from`: where the request came from. */
export function createAccounts({ users, sessions, passwords, audit, registration }: AccountsDeps) {
  const open = registration === 'open'

  return {
    readDoor,

    /** @throws AppError REGISTRATION_CLOSED, PASSWORD_TOO_COMMON, USERNAME_TAKEN */
    async register({ username, password }: Registration, from: Origin): Promise<Session> {
      // Asked again under the lock; here it only saves the hashing.
      if (!(await readDoor()).registration_open) throw new AppError('REGISTRATION_CLOSED')
      assertUncommon(password, username)
      const passwordHash = await passwords.hash(password)
      const user = await users.register({ id: createId(), username, passwordHash }, { open, address: from.address })
      return toSession(user, await sessions.open(user.id, passwordHash, from))
    },

    /** @throws AppError CREDENTIALS_WRONG, also for a disabled account, after the same time */
    async login({ username, password }: Login, from: Origin): Promise<Session> {
      const found = await users.findForLogin(username)
      const matches = await passwords.verify(found?.passwordHash, password)
      if (!found || !matches || found.disabledAt) {
        await audit.record({ action: 'sign_in_failed', userId: found?.id ?? null, address: from.address })
        throw new AppError('CREDENTIALS_WRONG')
      }
      return toSession(found, await sessions.open(found.id, found.passwordHash, from, { signedIn: true }))
    },

    /** @param receivedAt when the request came in @throws AppError TOKEN_INVALID */
    async refresh(refreshToken: string, receivedAt: Date, from: Origin, how: { mayBeLost: boolean }): Promise<Session> {
      const { userId, ...tokens } = await sessions.renew(refreshToken, receivedAt, from, how)
      return toSession(await get(userId), tokens)
    },

    logout: sessions.end,

    /** @throws AppError TOKEN_INVALID when the account is gone: whoever asks held a token for it */
    async getUser(userId: string): Promise<User> {
      return toUser(await get(userId))
    },

    /**
     * Ends every session of the user and opens a new one. API keys stay.
     * @throws AppError CREDENTIALS_WRONG, PASSWORD_TOO_COMMON
     */
    async changePassword(
      username: string,
      { currentPassword, newPassword }: { currentPassword: string; newPassword: string },
      from: Origin,
    ): Promise<Session> {
      const found = await users.findForLogin(username)
      if (!found || !(await passwords.verify(found.passwordHash, currentPassword))) {
        await audit.record({ action: 'password_change_failed', userId: found?.id ?? null, address: from.address })
        throw new AppError('CREDENTIALS_WRONG')
      }
      assertUncommon(newPassword, username)
      const newHash = await passwords.hash(newPassword)
      // Lost against another change of the password: then the current one was not current any more.
      const isReplaced = await users.replacePassword(found.id, found.passwordHash, newHash, from.address)
      if (!isReplaced) throw new AppError('CREDENTIALS_WRONG')
      sessions.tellEnded(found.id)
      return toSession(found, await sessions.open(found.id, newHash, from))
    },
  }

  /** Whether somebody is at home, and whether anybody may move in: the first one always may. */
  async function readDoor(): Promise<Pick<ClientConfig, 'has_accounts' | 'registration_open'>> {
    const hasAccounts = await users.hasAny()
    return { has_accounts: hasAccounts, registration_open: open || !hasAccounts }
  }

  async function get(userId: string): Promise<UserRow> {
    const user = await users.find(userId)
    if (!user) throw new AppError('TOKEN_INVALID')
    return user
  }
}

function assertUncommon(password: string, username: string): void {
  if (isCommonPassword(password, username)) throw new AppError('PASSWORD_TOO_COMMON')
}

function toUser({ id, username, role, createdAt }: UserRow): User {
  return { id, username, role, created_at: createdAt.toISOString() }
}

function toSession(user: UserRow, tokens: SessionTokens): Session {
  return {
    user: toUser(user),
    access_token: tokens.accessToken,
    token_type: 'Bearer',
    expires_in: tokens.accessTokenSeconds,
    refresh_token: tokens.refreshToken,
  }
}
