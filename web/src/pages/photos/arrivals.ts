import type { UploadProgress } from '../../../../src/schemas/progress.ts'
import { onUploadEnded } from '../../live/store.ts'
import type { GridSource } from '../../parts/grid/grid-source.ts'
import { readUpload } from '../../parts/grid/requests.ts'

/** Endings come in heaps; the grid moves once for all of a heap. */
const GATHER_MS = 700
/** More than these are counted anew instead of being read one by one. */
const READ_MOST = 30

/** Puts uploads into the grid when they are developed, where they belong. @returns stops */
export function watchArrivals(source: GridSource): () => void {
  const ended = new Set<string>()
  let timer: ReturnType<typeof setTimeout> | undefined

  async function take(): Promise<void> {
    const ids = [...ended]
    ended.clear()
    timer = undefined
    if (ids.length > READ_MOST) return source.start()
    const read = await Promise.allSettled(ids.map(readUpload))
    const uploads = read.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []))
    if (uploads.length > 0) source.insert(uploads)
  }

  const stop = onUploadEnded(({ upload_id }: UploadProgress) => {
    ended.add(upload_id)
    timer ??= setTimeout(() => void take(), GATHER_MS)
  })
  return () => {
    stop()
    clearTimeout(timer)
  }
}
