import { accessToken } from '../api/client.ts'
import { toApiError, unreachable } from '../api/problem.ts'

export interface Answer {
  readonly status: number
  readonly body: unknown
}

/**
 * Sends files as one form. XMLHttpRequest, since `fetch` does not tell how much is sent. The browser reads the files
 * from the disk while it sends them.
 * @param onSent told how many bytes of the body are sent, of how many
 * @throws ApiError when the server refuses, or cannot be reached; AbortError when `signal` ends it
 */
export async function transfer(
  path: string,
  files: readonly File[],
  signal: AbortSignal,
  onSent: (bytes: number, of: number) => void,
): Promise<Answer> {
  const token = await accessToken()
  const form = new FormData()
  for (const file of files) form.append('file', file, file.name)
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(aborted())
    const request = new XMLHttpRequest()
    const abort = () => request.abort()
    signal.addEventListener('abort', abort, { once: true })
    request.upload.onprogress = ({ loaded, total }) => onSent(loaded, total)
    request.onabort = () => reject(aborted())
    request.onerror = () => reject(unreachable())
    request.onload = () => {
      const { status, responseText } = request
      if (status >= 200 && status < 300) resolve({ status, body: JSON.parse(responseText) })
      else reject(toApiError(status, responseText, request.getResponseHeader('retry-after')))
    }
    request.onloadend = () => signal.removeEventListener('abort', abort)
    request.open('POST', path)
    request.setRequestHeader('authorization', `Bearer ${token}`)
    request.send(form)
  })
}

function aborted(): DOMException {
  return new DOMException('It was cancelled.', 'AbortError')
}
