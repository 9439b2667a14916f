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
    async limits(userId: string): Promise<QuotaLimits> {
      return (await read(userId)).limits
    },

    /**
     * The most bytes that are worth receiving: a file with more is neither a new one that fits, nor one that is there
     * already. Infinity without a quota.
     */
    async worthReceiving(userId: string): Promise<number> {
      const { row, limits } = await read(userId)
      if (limits.bytes === null) return Number.POSITIVE_INFINITY
      return Math.max(limits.bytes - row.originalBytes, row.originalBytes)
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
