import type { Sql } from './client.ts'
import { COMPARED_MAX } from './search-vectors.ts'

/** What decides how a library is searched. It never decides what is found. */
export interface LibrarySize {
  /** Whether the user has few uploads. */
  readonly few: boolean
  /** Models of which the user has so many vectors that not all are compared. */
  readonly crowded: readonly string[]
}

/** To look up common words of 110,000 uploads took 11 ms, and to read 100 of them less than one; between, estimated. */
const FEW_UPLOADS_MAX = 1000

/** To count takes up to 20 ms, as long as all else of a search in a small library; nobody's grows so fast. */
const KEPT_MS = 60_000
const KEPT_MAX = 1000

/** Tells how large libraries are, or were a minute ago at most. */
export function createLibrarySizes(sql: Sql) {
  const kept = new Map<string, { size: Promise<LibrarySize>; readAtMs: number }>()

  async function read(userId: string, models: readonly string[]): Promise<LibrarySize> {
    const [size] = await sql<[LibrarySize]>`
      select
        not exists (select from uploads where user_id = ${userId} offset ${FEW_UPLOADS_MAX}) as few,
        array(
          select given.model from unnest(${models as string[]}::text[]) as given(model)
          where exists (
            select from vector_sketches s where s.user_id = ${userId} and s.model = given.model offset ${COMPARED_MAX})
        ) as crowded`
    return size
  }

  /** Of the uploads of a user, and of the vectors that these models gave them. */
  return (userId: string, models: readonly string[]): Promise<LibrarySize> => {
    const key = [userId, ...models].join('\n')
    const known = kept.get(key)
    if (known && performance.now() - known.readAtMs < KEPT_MS) return known.size
    if (kept.size >= KEPT_MAX) kept.clear()
    const size = read(userId, models)
    kept.set(key, { size, readAtMs: performance.now() })
    size.catch(() => kept.delete(key))
    return size
  }
}
