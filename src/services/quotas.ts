import type { QuotaLimits } from '../db/uploads.ts'
import type { UsageStore } from '../db/usage.ts'
import { AppError } from '../errors.ts'
import type { Usage } from '../schemas/usage.ts'

export interface QuotaServiceDeps {
  usage: UsageStore
  /** For users to whom the administrator gave no other. */
  defaults: QuotaLimits
}

export type QuotaService = ReturnType<typeof createQuotaService>

/** How much a user keeps and may keep. */
export function createQuotaService({ usage, defaults }: QuotaServiceDeps) {
  async function read(userId: string) {
    const row = await usage.find(userId)
    if (!row) throw new AppError('USER_NOT_FOUND')
    return { row, limits: { bytes: row.quotaBytes ?? defaults.bytes, files: row.quotaFiles ?? defaults.files } }
  }

  return {
    /**
     * What a user may keep, and the most bytes that are worth receiving: a file with more is neither a new one that
     * fits, nor one that is there already. Infinity without a quota.
     */
    async room(userId: string): Promise<{ limits: QuotaLimits; worthReceiving: number }> {
      const { row, limits } = await read(userId)
      const isBounded = limits.bytes !== null
      const left = (limits.bytes ?? 0) - row.originalBytes
      return { limits, worthReceiving: isBounded ? Math.max(left, row.originalBytes) : Number.POSITIVE_INFINITY }
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
