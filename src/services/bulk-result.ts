import type { BulkResult } from '../schemas/uploads.ts'

/** What became of each id of a bulk request. Whatever is somebody else's is not found. */
export function toBulkResult(asked: readonly string[], done: readonly string[]): BulkResult {
  const changed = new Set(done)
  const ids = [...new Set(asked)]
  return {
    changed: ids.filter((id) => changed.has(id)),
    not_found: ids.filter((id) => !changed.has(id)),
  }
}
