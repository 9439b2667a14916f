import { type Static, Type } from 'typebox'
import { UserSchema } from './accounts.ts'
import { CursorSchema, LimitSchema, Nullable } from './fields.ts'

/** The largest whole number that JSON carries exactly. */
const QuotaSchema = Nullable(Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }))

export const ManagedUserSchema = Type.Object(
  {
    ...UserSchema.properties,
    disabled: Type.Boolean({ description: 'Nobody can sign in to it; its tokens, keys and sockets do not work.' }),
    quota_bytes: { ...QuotaSchema, description: 'Null: what the server is configured for.' },
    quota_files: { ...QuotaSchema, description: 'Null: what the server is configured for.' },
    uploads: Type.Integer({ description: 'With those in the trash.' }),
    original_bytes: Type.Integer({ description: 'With those in the trash.' }),
  },
  { $id: 'ManagedUser' },
)
export type ManagedUser = Static<typeof ManagedUserSchema>

export const UserListQuerySchema = Type.Object({ limit: LimitSchema, cursor: CursorSchema })
export type UserListQuery = Static<typeof UserListQuerySchema>

export const UserListSchema = Type.Object({
  items: Type.Array(ManagedUserSchema),
  next_cursor: Nullable(Type.String()),
})

export const UserPatchSchema = Type.Object(
  {
    quota_bytes: Type.Optional(QuotaSchema),
    quota_files: Type.Optional(QuotaSchema),
    disabled: Type.Optional(Type.Boolean()),
  },
  { additionalProperties: false, minProperties: 1 },
)
export type UserPatch = Static<typeof UserPatchSchema>
