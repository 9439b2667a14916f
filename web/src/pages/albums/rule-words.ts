import type { AlbumRule } from '../../../../src/schemas/albums.ts'
import { sizeLabel } from '../../parts/grid/words.ts'

const day = new Intl.DateTimeFormat(undefined, { timeZone: 'UTC', dateStyle: 'medium' })
const date = (time: unknown) => day.format(new Date(String(time)))

/** How a rule says each of its filters. */
const WORDS: { readonly [Key in keyof AlbumRule]-?: (value: NonNullable<AlbumRule[Key]>) => string } = {
  query: (text) => `Search: ${text}`,
  file_type: (type) => (type === 'video' ? 'Videos' : 'Photos'),
  processing_status: (status) => `Status: ${status}`,
  taken_after: (time) => `Taken from ${date(time)} on`,
  taken_before: (time) => `Taken before ${date(time)}`,
  uploaded_after: (time) => `Handed over from ${date(time)} on`,
  uploaded_before: (time) => `Handed over before ${date(time)}`,
  batch_id: () => 'From one batch',
  near: (text) => nearWords(text),
  box: (text) => `Between ${text}`,
  camera: (name) => `Camera: ${name}`,
  duration_min: (seconds) => `At least ${seconds} s long`,
  duration_max: (seconds) => `At most ${seconds} s long`,
  size_min: (bytes) => `At least ${sizeLabel(bytes)}`,
  size_max: (bytes) => `At most ${sizeLabel(bytes)}`,
  orientation: (shape) => ({ landscape: 'Landscape', portrait: 'Portrait', square: 'Square' })[shape],
  has_text: (has) => (has ? 'With text' : 'Without text'),
  show_hidden: () => 'Hidden ones too',
}

function nearWords(text: string): string {
  const [latitude, longitude, kilometres] = text.split(',')
  return `Within ${kilometres} km of ${latitude}, ${longitude}`
}

export interface RulePart {
  readonly name: keyof AlbumRule
  readonly words: string
}

/** A rule in words, one for each filter. An empty query asks for nothing, and hidden ones are left out anyway. */
export function ruleParts(rule: AlbumRule): RulePart[] {
  return Object.entries(rule)
    .filter(([name, value]) => value !== '' && !(name === 'show_hidden' && value === false))
    .map(([name, value]) => ({ name: name as keyof AlbumRule, words: say(name as keyof AlbumRule, value) }))
}

/** What a later server knows beyond this list is told as it stands. */
function say(name: keyof AlbumRule, value: unknown): string {
  const inWords = WORDS[name] as ((given: unknown) => string) | undefined
  return inWords ? inWords(value) : `${name}: ${String(value)}`
}
