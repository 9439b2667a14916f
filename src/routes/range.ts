/** Bytes from `start` to `end`, both included. */
export interface ByteRange {
  start: number
  end: number
}

/**
 * One range of a `Range` header, clamped to the file. Undefined when the header is to be ignored: another unit, a form
 * that is not understood, or several ranges (RFC 9110 section 14.2 lets a server send the whole instead).
 */
export function parseRange(header: string, sizeBytes: number): ByteRange | 'unsatisfiable' | undefined {
  const match = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header.replaceAll(' ', ''))
  if (!match) return undefined
  const [, first = '', last = ''] = match
  if (first === '' && last === '') return undefined
  const range =
    first === ''
      ? { start: Math.max(0, sizeBytes - Number(last)), end: sizeBytes - 1 }
      : { start: Number(first), end: last === '' ? sizeBytes - 1 : Math.min(Number(last), sizeBytes - 1) }
  if (first !== '' && last !== '' && Number(last) < Number(first)) return undefined
  return range.start <= range.end ? range : 'unsatisfiable'
}
