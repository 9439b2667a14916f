import { AppError, systemCode, toError } from '../../errors.ts'

const CUT_OFF = 'The picture ends before its data does. It was probably cut off or damaged on the way.'

/**
 * Says in the catalogue's words why a picture could not be read. sharp and the HEIC decoder tell their errors apart
 * by message only. An abort passes through unchanged.
 */
export function imageError(thrown: unknown, signal?: AbortSignal): Error {
  if (signal?.aborted) return toError(signal.reason)
  if (thrown instanceof AppError) return thrown
  const error = toError(thrown)
  const message = error.message.toLowerCase()
  if (systemCode(thrown) === 'ENOENT' || message.includes('input file is missing')) {
    return new AppError('FILE_MISSING', { cause: error })
  }
  if (message.includes('pixel limit')) return new AppError('MEDIA_TOO_MANY_PIXELS', { cause: error })
  if (error.name === 'TimeoutError' || message.includes('timeout'))
    return new AppError('MEDIA_TIMEOUT', { cause: error })
  const isCutOff = /premature end|truncated|end of (file|stream)|unexpected eof/.test(message)
  return new AppError('MEDIA_UNREADABLE', { detail: isCutOff ? CUT_OFF : undefined, cause: error })
}
