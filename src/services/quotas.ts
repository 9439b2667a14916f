import type { QuotaLimits } from '../db/uploads.ts'
import type { UsageStore } from '../db/usage.ts'
import { AppError } from '../errors.ts'
import type { Usage } from '../schemas/usage.ts'

export interface QuotaServiceDeps {
  usage: UsageStore
  /** For users to whom the administrator gave no other. */
  defaults: QuotaLimits
}

const UNLIMITED = { limits: { bytes: null, files: null }, worthReceiving: Number.POSITIVE_INFINITY } as const

export type QuotaService = ReturnType<typeof createQuotaService>

/** How much a user keeps and may keep. */
export function createQuotaService({ usage, defaults }: QuotaServiceDeps) {
  /** Users who may keep whatever they like. Nobody else changes that but this process, which forgets it then. */
  const unlimited = new Set<string>()
  let forgotten = 0

  async function read(userId: string) {
    const row = await usage.find(userId)
    if (!row) throw new AppError('USER_NOT_FOUND')
    return { row, limits: { bytes: row.quotaBytes ?? defaults.bytes, files: row.quotaFiles ?? defaults.files } }
  }

  return {
    /**
     * What a user may keep, and the most bytes that are worth receiving: a file with more is neither a new one that
     * fits, nor one that is there already. Infinity without a quota; who has none is asked about once, not for each file.
     */
    async room(userId: string): Promise<{ limits: QuotaLimits; worthReceiving: number }> {
      if (unlimited.has(userId)) return UNLIMITED
      const forgottenBefore = forgotten
      const { row, limits } = await read(userId)
      // What was read before a change may have come back after it.
      if (limits.bytes === null && limits.files === null && forgotten === forgottenBefore) unlimited.add(userId)
      if (limits.bytes === null) return { limits, worthReceiving: Number.POSITIVE_INFINITY }
      return { limits, worthReceiving: Math.max(limits.bytes - row.originalBytes, row.originalBytes) }
    },

    /** To be called when the quota of a user was changed. */
    forget(userId: string): void {
      forgotten += 1
      unlimited.delete(userId)
    },

    async usage(userId: string): Promise<Usage> {
      const { row, limits } = await read(userId)
      return {
        uploads: row.uploads - row.trashed,
        original_bytes: row.originalBytes - row.trashedBytes,
        rendition_bytes: row.renditionBytes,
        trash: { uploads: row.trashed, original_bytes: row.trashedBytes },
        quota: { bytes: limits.bytes, files: limits.files },
      }
    },
  }
}
