/** Long enough for any lens name, short enough that a hostile file cannot fill the database. */
const MAX_CHARACTERS = 200

/**
 * Text out of a file, made safe to store and show: no control or formatting characters (NUL breaks PostgreSQL,
 * bidirectional overrides rearrange what a person reads), no half characters, at most 200 characters.
 * Undefined when nothing is left.
 */
export function cleanText(value: unknown): string | undefined {
  const text = Buffer.isBuffer(value) ? value.subarray(0, 4 * MAX_CHARACTERS).toString('utf8') : value
  if (typeof text !== 'string') return undefined
  const visible = text
    .slice(0, 4 * MAX_CHARACTERS)
    .replace(/\s+/g, ' ')
    .replace(/[\p{Cc}\p{Cf}\p{Cs}\ufffd]/gu, '')
  return [...visible].slice(0, MAX_CHARACTERS).join('').trim() || undefined
}

/** "Make Model", without saying the make twice: makers like to repeat themselves ("NIKON CORPORATION", "NIKON D70"). */
export function cameraName(make: unknown, model: unknown): string | undefined {
  const maker = cleanText(make)
  const name = cleanText(model)
  if (maker === undefined || name === undefined) return name ?? maker
  const brand = maker.split(' ')[0] ?? maker
  return name.toLowerCase().startsWith(brand.toLowerCase()) ? name : cleanText(`${maker} ${name}`)
}

/** The record without what is not known, so that what is stored is what is shown. */
export function withoutUnknown(record: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined))
}
