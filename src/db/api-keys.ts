import type { Role, Scope } from '../schemas/accounts.ts'
import { recordAudit } from './audit.ts'
import type { Sql } from './driver.ts'

export interface ApiKeyRow {
  id: string
  name: string
  prefix: string
  scopes: Scope[]
  createdAt: Date
  lastUsedAt: Date | null
}

export interface NewApiKey {
  id: string
  userId: string
  name: string
  prefix: string
  hash: Buffer
  scopes: Scope[]
}

/** A key and who acts with it. */
export interface ApiKeyOwner {
  keyId: string
  scopes: Scope[]
  userId: string
  username: string
  role: Role
  /** Whether `last_used_at` is more than a minute old: it is not worth a write on every request. */
  stale: boolean
}

export type ApiKeyStore = ReturnType<typeof createApiKeyStore>

/** API keys, known only by their SHA-256: they are long and random, so a fast hash is enough. */
export function createApiKeyStore(sql: Sql) {
  return {
    async insert(key: NewApiKey, address: string): Promise<ApiKeyRow> {
      return sql.begin(async (tx) => {
        const [row] = await tx<[ApiKeyRow]>`
          insert into api_keys (id, user_id, name, prefix, key_hash, scopes)
          values (${key.id}, ${key.userId}, ${key.name}, ${key.prefix}, ${key.hash}, ${key.scopes}::text[])
          returning id, name, prefix, scopes, created_at, last_used_at`
        const details = { key_id: key.id, scopes: key.scopes.join(' ') }
        await recordAudit(tx, { action: 'api_key_made', userId: key.userId, address, details })
        return row
      })
    },

    /** Newest first. */
    async list(userId: string): Promise<ApiKeyRow[]> {
      return sql<ApiKeyRow[]>`
        select id, name, prefix, scopes, created_at, last_used_at
        from api_keys where user_id = ${userId} order by created_at desc, id desc`
    },

    async remove(userId: string, id: string, address: string): Promise<boolean> {
      return sql.begin(async (tx) => {
        const { count } = await tx`delete from api_keys where id = ${id} and user_id = ${userId}`
        if (count === 1) await recordAudit(tx, { action: 'api_key_removed', userId, address, details: { key_id: id } })
        return count === 1
      })
    },

    /** The key and its owner, if the owner is enabled. */
    async findOwner(hash: Buffer): Promise<ApiKeyOwner | undefined> {
      const [row] = await sql<ApiKeyOwner[]>`
        select k.id as key_id, k.scopes, u.id as user_id, u.username, u.role,
          coalesce(k.last_used_at < now() - interval '1 minute', true) as stale
        from api_keys k join users u on u.id = k.user_id
        where k.key_hash = ${hash} and u.disabled_at is null`
      return row
    },

    async touch(id: string): Promise<void> {
      await sql`update api_keys set last_used_at = now() where id = ${id}`
    },
  }
}
