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

/**
 * The record as the database takes it and a person may see it: clean text as keys and values at any depth, and without
 * what is not known, so that what is stored is what is shown.
 */
export function storableRecord(record: object): Record<string, unknown> {
  const entries = Object.entries(record).map(([key, value]) => [cleanText(key), storable(value)] as const)
  return Object.fromEntries(entries.filter(([key, value]) => key !== undefined && value !== undefined))
}

/** What JSON has no word for (NaN, a function) is not known either. */
function storable(value: unknown): unknown {
  if (typeof value === 'string' || Buffer.isBuffer(value)) return cleanText(value)
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined
  if (Array.isArray(value)) return value.map(storable).filter((part) => part !== undefined)
  if (value !== null && typeof value === 'object') return storableRecord(value)
  return typeof value === 'boolean' ? value : undefined
}
