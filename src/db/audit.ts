import { v7 as createId } from 'uuid'
import type { AuditAction } from '../schemas/audit.ts'
import type { Sql, TransactionSql } from './driver.ts'

export interface NewAuditEvent {
  action: AuditAction
  /** Null for a name that nobody has. */
  userId: string | null
  /** Who did it, where that is somebody else. */
  actorId?: string | undefined
  address: string
  /** Never a password, a token, or a key. */
  details?: Readonly<Record<string, string | number | boolean | null>> | undefined
}

export interface AuditRow {
  id: string
  createdAt: Date
  action: AuditAction
  userId: string | null
  username: string | null
  actorId: string | null
  address: string
  details: Record<string, unknown>
}

export interface AuditFilter {
  action?: AuditAction | undefined
  userId?: string | undefined
}

/** Writes down what happened to an account; within the transaction that makes it happen, if there is one. */
export async function recordAudit(on: Sql | TransactionSql, event: NewAuditEvent): Promise<void> {
  const { action, userId, actorId = null, address, details = {} } = event
  await on`
    insert into audit_events (id, action, user_id, actor_id, address, details)
    values (${createId()}, ${action}, ${userId}, ${actorId}, ${address}, ${on.json(details)})`
}

export type AuditStore = ReturnType<typeof createAuditStore>

export function createAuditStore(sql: Sql) {
  return {
    record: (event: NewAuditEvent) => recordAudit(sql, event),

    /** The newest first, before the given id (ids are in the order of time). */
    async list({ action, userId }: AuditFilter, limit: number, beforeId?: string): Promise<AuditRow[]> {
      return sql<AuditRow[]>`
        select e.id, e.created_at, e.action, e.user_id, u.username, e.actor_id, e.address, e.details
        from audit_events e left join users u on u.id = e.user_id
        where true
          ${action ? sql`and e.action = ${action}` : sql``}
          ${userId ? sql`and e.user_id = ${userId}` : sql``}
          ${beforeId ? sql`and e.id < ${beforeId}` : sql``}
        order by e.id desc limit ${limit}`
    },

    /** Removes at most `limit` events from before a moment; how many there were. */
    async removeBefore(before: Date, limit: number): Promise<number> {
      const { count } = await sql`
        delete from audit_events where id in (
          select id from audit_events where created_at < ${before} order by created_at limit ${limit})`
      return count
    },
  }
}
