import { type Static, Type } from 'typebox'
import { IdSchema, Nullable, TimestampSchema } from './fields.ts'

export const ROLES = ['administrator', 'member'] as const
export type Role = (typeof ROLES)[number]

export const SCOPES = ['read', 'write'] as const
export type Scope = (typeof SCOPES)[number]

/** ASCII only: names that look alike but are not the same cannot be made. */
export const UsernameSchema = Type.String({
  minLength: 2,
  maxLength: 64,
  pattern: '^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$',
  description: 'Letters, digits, and between them dots, dashes and underscores. Case does not tell names apart.',
})

// The least that slows guessing down, and the most that is worth hashing.
export const NewPasswordSchema = Type.String({ minLength: 10, maxLength: 200 })

const PasswordSchema = Type.String({ minLength: 1, maxLength: 200 })

/** Opaque secrets of ours are 43 characters; the bound keeps junk from being hashed. */
const RefreshTokenSchema = Type.String({ minLength: 1, maxLength: 200 })

const strict = { additionalProperties: false }

const KeepSessionSchema = Type.Optional(
  Type.Boolean({ description: 'For pages: the refresh token goes into a cookie that no script can read.' }),
)

export const RegistrationSchema = Type.Object(
  { username: UsernameSchema, password: NewPasswordSchema, keep_session: KeepSessionSchema },
  strict,
)
export type Registration = Static<typeof RegistrationSchema>

export const LoginSchema = Type.Object(
  { username: UsernameSchema, password: PasswordSchema, keep_session: KeepSessionSchema },
  strict,
)
export type Login = Static<typeof LoginSchema>

/** Without a token, that of the cookie counts. */
export const RefreshSchema = Type.Object({ refresh_token: Type.Optional(RefreshTokenSchema) }, strict)
export type Refresh = Static<typeof RefreshSchema>

export const PasswordChangeSchema = Type.Object(
  { current_password: PasswordSchema, new_password: NewPasswordSchema, keep_session: KeepSessionSchema },
  strict,
)

export const UserSchema = Type.Object(
  { id: IdSchema, username: Type.String(), role: Type.Enum(ROLES), created_at: TimestampSchema },
  { $id: 'User' },
)
export type User = Static<typeof UserSchema>

export const MeSchema = Type.Object({
  user: UserSchema,
  scopes: Type.Array(Type.Enum(SCOPES), { description: 'What the token or key that was sent may do.' }),
  via: Type.Enum(['token', 'api_key']),
})

export const SessionSchema = Type.Object(
  {
    user: UserSchema,
    access_token: Type.String({ description: 'Send it as `Authorization: Bearer ...`.' }),
    token_type: Type.Literal('Bearer'),
    expires_in: Type.Integer({ description: 'Seconds for which the access token is good.' }),
    refresh_token: Type.Optional(
      Type.String({
        description:
          'Good for one POST /v1/auth/refresh. Sent a second time, it ends the session. Not here when it is in a cookie.',
      }),
    ),
  },
  { $id: 'Session' },
)
/** As it is opened. Routes leave the refresh token out of the body when it goes into a cookie. */
export type Session = Required<Static<typeof SessionSchema>>

export const OpenSessionSchema = Type.Object(
  {
    id: IdSchema,
    created_at: TimestampSchema,
    last_used_at: { ...TimestampSchema, description: 'When it was opened, or its tokens were last renewed.' },
    address: Nullable(Type.String({ description: 'From where, then.' })),
    user_agent: Nullable(Type.String({ description: 'As the browser or program names itself.' })),
    current: Type.Boolean({ description: 'Whether it is the one that asks.' }),
  },
  { $id: 'OpenSession' },
)
export type OpenSession = Static<typeof OpenSessionSchema>

export const OpenSessionListSchema = Type.Object({ items: Type.Array(OpenSessionSchema) })

export const EndedSessionsSchema = Type.Object({ ended: Type.Integer() })

export const NewApiKeySchema = Type.Object(
  {
    // No control characters: a NUL cannot be stored, the others only confuse a terminal.
    name: Type.String({ minLength: 1, maxLength: 100, pattern: '^[^\\u0000-\\u001f\\u007f]*$' }),
    scopes: Type.Array(Type.Enum(SCOPES), { minItems: 1, maxItems: SCOPES.length, uniqueItems: true }),
  },
  strict,
)

const apiKeyFields = {
  id: IdSchema,
  name: Type.String(),
  prefix: Type.String({ description: 'The first characters of the key.' }),
  scopes: Type.Array(Type.Enum(SCOPES)),
  created_at: TimestampSchema,
  last_used_at: Nullable(TimestampSchema),
}

export const ApiKeySchema = Type.Object(apiKeyFields, { $id: 'ApiKey' })
export type ApiKey = Static<typeof ApiKeySchema>

export const CreatedApiKeySchema = Type.Object(
  { ...apiKeyFields, key: Type.String({ description: 'The key itself. It is shown this once.' }) },
  { $id: 'CreatedApiKey' },
)
export type CreatedApiKey = Static<typeof CreatedApiKeySchema>

export const ApiKeyListSchema = Type.Object({ items: Type.Array(ApiKeySchema) })
