import { useEffect, useState } from 'preact/hooks'
import type { Upload } from '../../../../src/schemas/uploads.ts'
import { onUploadEnded } from '../../live/store.ts'
import { readUpload } from '../../parts/grid/requests.ts'
import { trailOf } from '../../parts/grid/trail.ts'
import { showChanged } from '../../parts/grid/upload-actions.ts'

export interface PhotoState {
  readonly upload: Upload | undefined
  readonly error: unknown
  /** What the server answered to a change, shown here and in the grids. */
  change(upload: Upload): void
  retry(): void
}

/** The upload that is looked at: what the grid knows of it at once, then what the server says, again when it is developed. */
export function usePhoto(id: string): PhotoState {
  const [read, setRead] = useState<Upload | undefined>(undefined)
  const [error, setError] = useState<unknown>(undefined)
  const [tries, setTries] = useState(0)
  const change = (upload: Upload) => {
    setRead(upload)
    showChanged(upload)
  }
  useEffect(() => {
    let isWanted = true
    const load = () => {
      readUpload(id).then(
        (upload) => isWanted && change(upload),
        (thrown: unknown) => isWanted && setError(thrown),
      )
    }
    setError(undefined)
    load()
    const stop = onUploadEnded(({ upload_id }) => upload_id === id && load())
    return () => {
      isWanted = false
      stop()
    }
  }, [id, tries])
  const upload = read?.id === id ? read : trailOf(id)?.find(id)
  return { upload, error, change, retry: () => setTries(tries + 1) }
}
