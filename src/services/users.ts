import type { Administrator, ManagedUserRow, UserAdministration } from '../db/user-administration.ts'
import { AppError } from '../errors.ts'
import type { ManagedUser, UserListQuery, UserPatch } from '../schemas/users.ts'
import { decodeCursor, encodeCursor, isId } from './cursor.ts'
import type { QuotaService } from './quotas.ts'

const PAGE_DEFAULT = 50

export type UserService = ReturnType<typeof createUserService>

export interface UserServiceDeps {
  administration: UserAdministration
  quotas: Pick<QuotaService, 'forget'>
}

/** What the administrator does with accounts. Whoever calls it has made sure that it is the administrator. */
export function createUserService({ administration, quotas }: UserServiceDeps) {
  const disabledListeners = new Set<(userId: string) => void>()
  return {
    async list({
      limit = PAGE_DEFAULT,
      cursor,
    }: UserListQuery): Promise<{ items: ManagedUser[]; next_cursor: string | null }> {
      const [afterId] = cursor === undefined ? [] : decodeCursor(cursor, [isId])
      const rows = await administration.list(limit + 1, afterId)
      const page = rows.slice(0, limit)
      const last = rows.length > limit ? page.at(-1) : undefined
      return { items: page.map(toManagedUser), next_cursor: last ? encodeCursor([last.id]) : null }
    },

    /**
     * Tokens and keys are looked up with every request, so that a disabled account has none the moment this resolves.
     * @param by who changes it: nobody can lock themselves out
     * @throws AppError USER_NOT_FOUND, VALIDATION_FAILED
     */
    async change(by: Administrator, id: string, patch: UserPatch): Promise<ManagedUser> {
      const { quota_bytes, quota_files, disabled } = patch
      if (disabled && id === by.actorId) {
        throw new AppError('VALIDATION_FAILED', { detail: 'Nobody can disable their own account.' })
      }
      const changes = { quotaBytes: quota_bytes, quotaFiles: quota_files, disabled }
      // Also when it fails: after a lost connection nobody knows whether the change was made.
      const row = await administration.change(id, changes, by).finally(() => quotas.forget(id))
      if (!row) throw new AppError('USER_NOT_FOUND')
      if (disabled) for (const tell of disabledListeners) tell(id)
      return toManagedUser(row)
    },

    /** Told who was disabled, at once: sockets stay open, and would notice only with their next heartbeat. */
    onDisabled(listener: (userId: string) => void): () => void {
      disabledListeners.add(listener)
      return () => disabledListeners.delete(listener)
    },
  }
}

function toManagedUser(row: ManagedUserRow): ManagedUser {
  return {
    id: row.id,
    username: row.username,
    role: row.role,
    created_at: row.createdAt.toISOString(),
    disabled: row.disabledAt !== null,
    quota_bytes: row.quotaBytes,
    quota_files: row.quotaFiles,
    uploads: row.uploads,
    original_bytes: row.originalBytes,
  }
}
