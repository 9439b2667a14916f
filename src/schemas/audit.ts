import { type Static, Type } from 'typebox'
import { CursorSchema, IdSchema, LimitSchema, Nullable, TimestampSchema } from './fields.ts'

export const AUDIT_ACTIONS = [
  'registered',
  'signed_in',
  'sign_in_failed',
  'signed_out',
  'session_ended',
  'refresh_reused',
  'password_changed',
  'password_change_failed',
  'api_key_made',
  'api_key_removed',
  'account_disabled',
  'account_enabled',
  'quota_changed',
] as const
export type AuditAction = (typeof AUDIT_ACTIONS)[number]

export const AuditEventSchema = Type.Object(
  {
    id: IdSchema,
    created_at: TimestampSchema,
    action: Type.Enum(AUDIT_ACTIONS),
    user_id: Nullable({ ...IdSchema, description: 'Whose account. Null for a name that nobody has.' }),
    username: Nullable(Type.String()),
    actor_id: Nullable({ ...IdSchema, description: 'Who did it, where that is an administrator.' }),
    address: Type.String({ description: 'Where the request came from.' }),
    details: Type.Record(Type.String(), Type.Unknown()),
  },
  { $id: 'AuditEvent' },
)
export type AuditEvent = Static<typeof AuditEventSchema>

export const AuditQuerySchema = Type.Object({
  action: Type.Optional(Type.Enum(AUDIT_ACTIONS)),
  user_id: Type.Optional(IdSchema),
  limit: LimitSchema,
  cursor: CursorSchema,
})
export type AuditQuery = Static<typeof AuditQuerySchema>

export const AuditListSchema = Type.Object({
  items: Type.Array(AuditEventSchema),
  next_cursor: Nullable(Type.String()),
})
export type AuditList = Static<typeof AuditListSchema>
