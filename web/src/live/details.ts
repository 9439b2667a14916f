import { useEffect, useState } from 'preact/hooks'
import type { Upload } from '../../../src/schemas/uploads.ts'
import { readUpload } from '../api/uploads.ts'
import { onUploadEnded } from './store.ts'

/** Rows that were seen are seen again; more than fit on many screens need not be kept. */
const KEPT = 600
const kept = new Map<string, Upload>()

/** A row that only flies by while the reader scrolls is not asked for. */
const PATIENCE_MS = 120

/**
 * The whole upload, for a row that shows its caption. Asked for once `wanted` is true, kept when nothing more happens
 * to it.
 */
export function useUpload(id: string | undefined, wanted: boolean): Upload | undefined {
  const [upload, setUpload] = useState(() => (id === undefined ? undefined : kept.get(id)))
  useEffect(() => {
    const known = id === undefined ? undefined : kept.get(id)
    setUpload(known)
    if (id === undefined || known !== undefined || !wanted) return
    const controller = new AbortController()
    const timer = setTimeout(() => {
      readUpload(id, controller.signal)
        .then((read) => {
          keepDetails(read)
          setUpload(read)
        })
        // A row without its caption is still a row: deleted since, or the server is away.
        .catch(() => undefined)
    }, PATIENCE_MS)
    return () => {
      clearTimeout(timer)
      controller.abort()
    }
  }, [id, wanted])
  return upload?.id === id ? upload : undefined
}

// What was developed again has another caption now, whoever asked for it.
onUploadEnded(({ upload_id }) => forgetDetails(upload_id))

/** Before it is developed again: what is kept is not said of it any more. */
export function forgetDetails(id: string): void {
  kept.delete(id)
}

/** Keeps what a list told. */
export function keepDetails(upload: Upload): void {
  if (upload.status === 'completed' || upload.status === 'failed') keep(upload)
}

function keep(upload: Upload): void {
  kept.set(upload.id, upload)
  const oldest = kept.size > KEPT ? kept.keys().next().value : undefined
  if (oldest !== undefined) kept.delete(oldest)
}
