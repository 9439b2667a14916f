import { useEffect, useState } from 'preact/hooks'
import type { Upload } from '../../../../src/schemas/uploads.ts'
import { previewUrl } from '../../api/media.ts'
import { listUploads } from '../../parts/grid/requests.ts'
import { trailOf } from '../../parts/grid/trail.ts'

export interface Neighbours {
  readonly before: Upload | undefined
  readonly after: Upload | undefined
}

const NONE: Neighbours = { before: undefined, after: undefined }

/** The uploads on both sides, their previews on the way already. */
export function useNeighbours(upload: Upload | undefined): Neighbours {
  const [found, setFound] = useState<{ readonly of: string; readonly pair: Neighbours }>({ of: '', pair: NONE })
  const id = upload?.id
  useEffect(() => {
    if (!upload) return
    let isWanted = true
    const trail = trailOf(upload.id)
    const one = (step: 1 | -1) =>
      (trail ? trail.neighbour(upload.id, step) : byTime(upload, step)).catch(() => undefined)
    void Promise.all([one(-1), one(1)]).then(([before, after]) => {
      if (!isWanted) return
      setFound({ of: upload.id, pair: { before, after } })
      for (const each of [after, before]) preload(each)
    })
    return () => {
      isWanted = false
    }
  }, [id])
  return found.of === id ? found.pair : NONE
}

function preload(upload: Upload | undefined): void {
  if (!upload || upload.links.preview === null) return
  const image = new Image()
  image.decoding = 'async'
  image.src = previewUrl(upload.id)
}

/** For a photo that was opened by its address: the next one that was taken before or after it. */
async function byTime(upload: Upload, step: 1 | -1): Promise<Upload | undefined> {
  const at = Date.parse(upload.taken_at ?? upload.created_at)
  const limit = 20
  const page =
    step === 1
      ? await listUploads({ taken_before: new Date(at + 1).toISOString(), sort: '-taken_at', limit })
      : await listUploads({ taken_after: new Date(at).toISOString(), sort: 'taken_at', limit })
  const index = page.items.findIndex(({ id }) => id === upload.id)
  return page.items[index + 1]
}
