import { AppError } from '../../errors.ts'
import { addressOf, type HubFile, nameOf } from './address.ts'
import type { HubAnswer } from './ask.ts'
import { readRetryAfter, transientError } from './transient.ts'

const TRANSIENT_STATUSES = [408, 425, 429, 500, 502, 503, 504]

/** The sentence for an answer that does not hold the file. */
export function refusalOf(answer: HubAnswer, file: HubFile, endpoint: URL, hasToken: boolean): AppError {
  const { status, url } = answer
  if (TRANSIENT_STATUSES.includes(status)) {
    const afterMs = readRetryAfter(answer.header('retry-after'))
    const asked = afterMs > 0 ? ` and asks to wait ${Math.ceil(afterMs / 1000)} seconds` : ''
    return transientError(`${url.host} answered ${status} for ${nameOf(file)}${asked}.`, { afterMs })
  }
  // Signed addresses run out; the hub gives a new one.
  if ([401, 403].includes(status) && url.origin !== endpoint.origin) {
    return transientError(`${url.host} answered ${status} for ${nameOf(file)}.`)
  }
  if ([401, 403].includes(status))
    return new AppError('MODEL_ACCESS_DENIED', { detail: denial(file, endpoint, hasToken) })
  if ([404, 410].includes(status)) {
    const detail = `${endpoint.host} has no ${nameOf(file)} at revision ${file.revision} (${addressOf(endpoint, file)}).`
    return new AppError('MODEL_DOWNLOAD_FAILED', { detail })
  }
  return new AppError('MODEL_DOWNLOAD_FAILED', { detail: `${url.host} answered ${status} for ${nameOf(file)}.` })
}

/** The hub says the same of repositories that are private, gated, or not there. */
function denial({ repository }: HubFile, endpoint: URL, hasToken: boolean): string {
  const page = `${endpoint.href.replace(/\/+$/, '')}/${repository}`
  const remedy = hasToken
    ? `the token in HF_TOKEN must be valid and its owner must have accepted the licence at ${page}.`
    : `look at ${page}, accept the licence if it asks for that, and set HF_TOKEN to an access token.`
  return `${endpoint.host} does not give out ${repository}. It may be private, gated, or not there: ${remedy}`
}
