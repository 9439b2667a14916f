import { effect } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import type { Upload } from '../../../../src/schemas/uploads.ts'
import { ApiError, get } from '../../api/client.ts'
import { photo } from '../../app/router.tsx'

/** Who looks through more than that before closing the viewer sees the others anew with the next search. */
const READ_MAX = 30

/**
 * What was looked at in the viewer may be changed or deleted there. When it closes, those uploads are read again, and the last
 * one has the focus.
 * @param tell called for each; undefined: it is gone
 */
export function useViewed(tell: (id: string, upload: Upload | undefined) => void): void {
  const latest = useRef(tell)
  latest.current = tell
  useEffect(() => {
    const viewed = new Set<string>()
    return effect(() => {
      const id = photo.value?.id
      if (id !== undefined) {
        viewed.add(id)
        return
      }
      const last = [...viewed].at(-1)
      if (last !== undefined) requestAnimationFrame(() => focusHit(last))
      for (const each of [...viewed].slice(-READ_MAX)) {
        read(each).then(
          (upload) => latest.current(each, upload),
          // The server is away, most likely: what is shown stays.
          () => undefined,
        )
      }
      viewed.clear()
    })
  }, [])
}

/** The focus goes back to where the reader is by now, or keyboards would begin at the top again. */
function focusHit(id: string): void {
  document.querySelector<HTMLElement>(`[data-hit="${CSS.escape(id)}"]`)?.focus()
}

async function read(id: string): Promise<Upload | undefined> {
  try {
    return await get<Upload>(`/v1/uploads/${id}`)
  } catch (thrown) {
    if (thrown instanceof ApiError && thrown.status === 404) return undefined
    throw thrown
  }
}
