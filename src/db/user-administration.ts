import { recordAudit } from './audit.ts'
import type { Sql, TransactionSql } from './driver.ts'
import type { UserRow } from './users.ts'

export interface ManagedUserRow extends UserRow {
  disabledAt: Date | null
  /** Null: what the configuration says. */
  quotaBytes: number | null
  quotaFiles: number | null
  uploads: number
  originalBytes: number
}

/** What is not named stays. */
export interface UserChanges {
  quotaBytes?: number | null | undefined
  quotaFiles?: number | null | undefined
  disabled?: boolean | undefined
}

/** Who changes an account, and from where. */
export interface Administrator {
  actorId: string
  address: string
}

export type UserAdministration = ReturnType<typeof createUserAdministration>

/** All accounts, for the administrator. */
export function createUserAdministration(sql: Sql) {
  const columns = sql`
    u.id, u.username, u.role, u.created_at, u.disabled_at, u.quota_bytes, u.quota_files,
    coalesce(g.uploads, 0) as uploads, coalesce(g.original_bytes, 0) as original_bytes`
  return {
    /** The oldest first, after the given id. */
    async list(limit: number, afterId?: string): Promise<ManagedUserRow[]> {
      return sql<ManagedUserRow[]>`
        select ${columns} from users u left join library_usage g on g.user_id = u.id
        ${afterId ? sql`where u.id > ${afterId}` : sql``}
        order by u.id limit ${limit}`
    },

    async change(id: string, changes: UserChanges, by: Administrator): Promise<ManagedUserRow | undefined> {
      const { quotaBytes, quotaFiles, disabled } = changes
      return sql.begin(async (tx) => {
        const [changed] = await tx`
          update users set id = id
            ${quotaBytes === undefined ? tx`` : tx`, quota_bytes = ${quotaBytes}`}
            ${quotaFiles === undefined ? tx`` : tx`, quota_files = ${quotaFiles}`}
            ${disabled === undefined ? tx`` : tx`, disabled_at = ${disabled ? tx`coalesce(disabled_at, now())` : null}`}
          where id = ${id} returning id`
        if (!changed) return undefined
        await recordChanges(tx, id, changes, by)
        const [row] = await tx<ManagedUserRow[]>`
          select ${columns} from users u left join library_usage g on g.user_id = u.id where u.id = ${id}`
        return row
      })
    },
  }
}

async function recordChanges(
  tx: TransactionSql,
  userId: string,
  { quotaBytes, quotaFiles, disabled }: UserChanges,
  by: Administrator,
): Promise<void> {
  if (disabled !== undefined) {
    await recordAudit(tx, { action: disabled ? 'account_disabled' : 'account_enabled', userId, ...by })
  }
  if (quotaBytes === undefined && quotaFiles === undefined) return
  const details = {
    ...(quotaBytes === undefined ? {} : { quota_bytes: quotaBytes }),
    ...(quotaFiles === undefined ? {} : { quota_files: quotaFiles }),
  }
  await recordAudit(tx, { action: 'quota_changed', userId, details, ...by })
}
