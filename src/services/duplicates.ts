import type { DuplicateStore, LikelyPair } from '../db/duplicates.ts'
import type { UploadStore } from '../db/uploads.ts'
import { AppError } from '../errors.ts'
import type { PageQuery } from '../schemas/batches.ts'
import type { DuplicateList, ResolveDuplicates, Resolved } from '../schemas/duplicates.ts'
import { decodeCursor, encodeCursor, isExactly, isId } from './cursor.ts'
import { toUpload } from './present.ts'
import type { TrashService } from './trash.ts'

export interface DuplicateServiceDeps {
  duplicates: DuplicateStore
  uploads: UploadStore
  trash: TrashService
}

/** Each shows at least two uploads. */
const PAGE_DEFAULT = 20

/** Pairs that are grouped at a time, the newest: some 2 MB. Older ones show when these are resolved. */
const PAIRS_MAX = 10_000

/** Uploads of one group that are shown; a thousand copies are resolved in several rounds. */
const GROUP_MAX = 100

interface Group {
  ids: string[]
  similarity: number
}

export type DuplicateService = ReturnType<typeof createDuplicateService>

/** Likely copies: found when an upload is developed, shown in groups, and settled by their owner. */
export function createDuplicateService({ duplicates, uploads, trash }: DuplicateServiceDeps) {
  return {
    /** Throws CURSOR_INVALID. */
    async list(userId: string, { limit = PAGE_DEFAULT, cursor }: PageQuery): Promise<DuplicateList> {
      const [, after] = cursor === undefined ? [] : decodeCursor(cursor, [isExactly('duplicates'), isId])
      const groups = groupPairs(await duplicates.list(userId, PAIRS_MAX)).filter(
        ({ ids }) => after === undefined || newestOf(ids) < after,
      )
      const page = groups.slice(0, limit)
      const ids = page.flatMap((group) => group.ids)
      const rows = new Map((await uploads.findMany(userId, ids)).map((row) => [row.id, row]))
      const last = groups.length > limit ? page.at(-1) : undefined
      return {
        items: page.map((group) => ({
          uploads: group.ids.flatMap((id) => rows.get(id) ?? []).map(toUpload),
          similarity: Math.min(1, group.similarity),
        })),
        next_cursor: last ? encodeCursor(['duplicates', newestOf(last.ids)]) : null,
      }
    },

    /** Keeps one and puts the others into the trash, or remembers that they are no copies. Throws UPLOAD_NOT_FOUND. */
    async resolve(userId: string, request: ResolveDuplicates): Promise<Resolved> {
      if ('not_duplicates' in request) {
        return { trashed: [], not_found: [], dismissed: await duplicates.dismiss(userId, request.not_duplicates) }
      }
      const { keep_id, trash_ids } = request
      if (trash_ids.includes(keep_id)) {
        throw new AppError('VALIDATION_FAILED', { detail: 'Expected keep_id to be none of trash_ids.' })
      }
      if (!(await uploads.find(userId, keep_id))) throw new AppError('UPLOAD_NOT_FOUND')
      const { changed, not_found } = await trash.remove(userId, trash_ids, false)
      return { trashed: changed, not_found, dismissed: 0 }
    },
  }
}

/** Ids are in the order of time. */
const newestOf = (ids: readonly string[]) => ids.at(-1) ?? ''

/** Uploads that a chain of pairs connects, by union-find; the group with the newest upload first. */
function groupPairs(pairs: readonly LikelyPair[]): Group[] {
  const parents = new Map<string, string>()
  const rootOf = (id: string): string => {
    let root = id
    for (let parent = parents.get(root); parent !== undefined && parent !== root; parent = parents.get(root))
      root = parent
    parents.set(id, root)
    return root
  }
  for (const { firstId, secondId } of pairs) parents.set(rootOf(secondId), rootOf(firstId))

  const groups = new Map<string, { ids: Set<string>; similarity: number }>()
  for (const { firstId, secondId, similarity } of pairs) {
    const root = rootOf(firstId)
    const group = groups.get(root) ?? { ids: new Set(), similarity: 1 }
    group.ids.add(firstId).add(secondId)
    group.similarity = Math.min(group.similarity, similarity)
    groups.set(root, group)
  }
  return [...groups.values()]
    .map(({ ids, similarity }) => ({ ids: [...ids].sort().slice(-GROUP_MAX), similarity }))
    .sort((a, b) => (newestOf(a.ids) < newestOf(b.ids) ? 1 : -1))
}
