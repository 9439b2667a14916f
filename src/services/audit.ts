import type { AuditRow, AuditStore } from '../db/audit.ts'
import type { AuditEvent, AuditList, AuditQuery } from '../schemas/audit.ts'
import { decodeCursor, encodeCursor, isId } from './cursor.ts'

const PAGE_DEFAULT = 50
const DAY_MS = 86_400_000
/** Rows removed by one statement: the embedded database has one session, which others wait for. */
const CHUNK = 1000

export interface AuditServiceDeps {
  audit: AuditStore
  /** How long an event is kept. */
  auditDays: number
}

export type AuditService = ReturnType<typeof createAuditService>

/** What happened to accounts. Written where it happens; read here, by the administrator, and forgotten in time. */
export function createAuditService({ audit, auditDays }: AuditServiceDeps) {
  return {
    async list({ action, user_id, limit = PAGE_DEFAULT, cursor }: AuditQuery): Promise<AuditList> {
      const [beforeId] = cursor === undefined ? [] : decodeCursor(cursor, [isId])
      const rows = await audit.list({ action, userId: user_id }, limit + 1, beforeId)
      const page = rows.slice(0, limit)
      const last = rows.length > limit ? page.at(-1) : undefined
      return { items: page.map(toAuditEvent), next_cursor: last ? encodeCursor([last.id]) : null }
    },

    async removeExpired(): Promise<void> {
      const before = new Date(Date.now() - auditDays * DAY_MS)
      while ((await audit.removeBefore(before, CHUNK)) === CHUNK);
    },
  }
}

function toAuditEvent(row: AuditRow): AuditEvent {
  return {
    id: row.id,
    created_at: row.createdAt.toISOString(),
    action: row.action,
    user_id: row.userId,
    username: row.username,
    actor_id: row.actorId,
    address: row.address,
    details: row.details,
  }
}
