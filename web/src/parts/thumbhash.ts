import { thumbHashToDataURL } from 'thumbhash'

const KEPT = 500
const urls = new Map<string, string>()

/** A blurred stand-in of some 32 pixels as a `data:` address. Those asked for last are kept. @param hash in base64 */
export function toDataUrl(hash: string): string {
  const known = urls.get(hash)
  if (known !== undefined) return known
  const url = thumbHashToDataURL(Uint8Array.from(atob(hash), (char) => char.charCodeAt(0)))
  urls.set(hash, url)
  const oldest = urls.size > KEPT ? urls.keys().next().value : undefined
  if (oldest !== undefined) urls.delete(oldest)
  return url
}
