import { createHash } from 'node:crypto'

/** Digits of a hash that a fingerprint keeps: 48 bits, far more than there will ever be versions. */
const FINGERPRINT_DIGITS = 12

/** `<name>-<hash of the parts>`: another name for other weights, numbers or code. */
export function fingerprint(name: string, parts: readonly unknown[]): string {
  const digest = createHash('sha256').update(JSON.stringify(parts)).digest('hex')
  return `${name}-${digest.slice(0, FINGERPRINT_DIGITS)}`
}
