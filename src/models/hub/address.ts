import { AppError } from '../../errors.ts'

/** One file of a repository. */
export interface HubFile {
  /** owner/name */
  readonly repository: string
  /** A commit, a branch or a tag. */
  readonly revision: string
  /** Relative to the repository, with `/`. */
  readonly path: string
}

/** `{endpoint}/{repository}/resolve/{revision}/{path}`, as the Hugging Face hub and its mirrors have it. */
export function addressOf(endpoint: URL, { repository, revision, path }: HubFile): URL {
  const parts = path.split('/').map(encodeURIComponent).join('/')
  return new URL(`${endpoint.href.replace(/\/+$/, '')}/${repository}/resolve/${encodeURIComponent(revision)}/${parts}`)
}

/** For sentences: which file of which repository. */
export function nameOf({ repository, path }: HubFile): string {
  return `${path} of ${repository}`
}

/**
 * Whether a request may carry the token: only to the configured endpoint itself, and only where nobody else can read
 * it. Where a redirect leads, the address is signed, and a token would be shown to somebody whom it does not concern.
 */
export function mayCarryToken(url: URL, endpoint: URL): boolean {
  return url.origin === endpoint.origin && (url.protocol === 'https:' || isLoopback(url))
}

/**
 * Where a redirect leads.
 * @throws AppError MODEL_DOWNLOAD_FAILED when it leads nowhere, or from an encrypted address to one that is not
 */
export function followRedirect(from: URL, location: string | undefined): URL {
  const to = location !== undefined && URL.canParse(location, from.href) ? new URL(location, from) : undefined
  if (to === undefined || !['http:', 'https:'].includes(to.protocol)) {
    throw new AppError('MODEL_DOWNLOAD_FAILED', { detail: `${from.host} redirects to an address that is not one.` })
  }
  if (from.protocol === 'https:' && to.protocol === 'http:') {
    const detail = `${from.host} redirects to ${to.host} without encryption. Darkroom does not follow it there.`
    throw new AppError('MODEL_DOWNLOAD_FAILED', { detail })
  }
  return to
}

function isLoopback({ hostname }: URL): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname)
}
