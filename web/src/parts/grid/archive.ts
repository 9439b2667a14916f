import { accessToken } from '../../api/client.ts'
import { toApiError, unreachable } from '../../api/problem.ts'
import { toast } from '../../app/toasts.tsx'

export type ArchiveRequest = { readonly upload_ids: readonly string[] } | { readonly album_id: string }

interface FilePicker {
  showSaveFilePicker(options: { suggestedName: string }): Promise<{ createWritable(): Promise<WritableStream> }>
}

/**
 * Many originals as a ZIP. Where the browser lets a page write a file, the bytes go to the disk as they come; where it
 * does not, the browser holds them until the last one is there.
 */
export async function downloadArchive(request: ArchiveRequest, name: string): Promise<void> {
  const file = await chooseFile(name)
  if (file === 'cancelled') return
  toast('The archive is on its way.')
  const response = await ask(request)
  if (file && response.body) {
    await response.body.pipeTo(await file.createWritable())
    toast(`${name} is saved.`)
  } else saveBlob(await response.blob(), name)
}

async function ask(request: ArchiveRequest): Promise<Response> {
  const headers = { authorization: `Bearer ${await accessToken()}`, 'content-type': 'application/json' }
  const body = JSON.stringify(request)
  const response = await fetch('/v1/uploads/archive', { method: 'POST', headers, body }).catch(() => {
    throw unreachable()
  })
  if (response.ok) return response
  throw toApiError(response.status, await response.text(), response.headers.get('retry-after'))
}

/** Undefined where the browser has no such thing: it is one of secure origins, and not of all browsers. */
async function chooseFile(
  name: string,
): Promise<{ createWritable(): Promise<WritableStream> } | 'cancelled' | undefined> {
  if (!hasFilePicker(window)) return undefined
  try {
    return await window.showSaveFilePicker({ suggestedName: name })
  } catch (thrown) {
    return thrown instanceof DOMException && thrown.name === 'AbortError' ? 'cancelled' : undefined
  }
}

function hasFilePicker(target: object): target is FilePicker {
  return 'showSaveFilePicker' in target
}

function saveBlob(blob: Blob, name: string): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(blob)
  link.download = name
  link.click()
  // The download has begun by then; a blob that nobody lets go stays.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000)
}
