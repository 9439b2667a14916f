import type { Caption, DetectedObject } from '../pack.ts'
import { CERTAIN_SCORE } from './detection.ts'
import { nounOf } from './labels.ts'

const NUMBERS = ['no', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten']

/** A caption quotes the beginning of what was read; all of it is in `ocrText`. */
const QUOTE_MAX_CHARACTERS = 140

/** The caption of one picture: "Two people and a dog. The text reads "Happy birthday"." */
export function writePictureCaption(objects: readonly DetectedObject[], ocrText: string): Caption {
  return { text: writeSentences('A picture', '', objects, ocrText), ocrText, objects }
}

/**
 * The caption of a video: of each kind of thing as many as were seen at once, and every line that was read, once.
 * @param frames captions of its frames in the order of their time.
 */
export function writeVideoCaption(frames: readonly Caption[]): Caption {
  const objects = mostAtOnce(frames)
  const ocrText = distinctLines(frames.flatMap((frame) => frame.ocrText.split('\n'))).join('\n')
  return { text: writeSentences('A video', 'A video of ', objects, ocrText), ocrText, objects }
}

function writeSentences(bare: string, before: string, objects: readonly DetectedObject[], ocrText: string): string {
  const { certain, possible } = splitByCertainty(objects)
  const things = joinWithAnd([...countLabels(certain)].map(([label, count]) => countNoun(label, count)))
  const guesses = joinWithAnd([...countLabels(possible).keys()].map((label) => nounOf(label).one))
  const quote = quoteBeginning(ocrText)
  if (things === '' && guesses === '') return quote === '' ? `${bare}.` : `${bare} with the text ${quote}.`
  const sentences = [
    things && capitalise(`${before}${things}.`),
    guesses && (things === '' ? `${bare}, perhaps of ${guesses}.` : `Perhaps also ${guesses}.`),
    quote && `The text reads ${quote}.`,
  ]
  return sentences.filter(Boolean).join(' ')
}

/** One certain find makes weaker ones of its kind credible: a crowd has faces that are small and half hidden. */
function splitByCertainty(objects: readonly DetectedObject[]) {
  const named = new Set(objects.filter(isCertain).map(({ label }) => label))
  return {
    certain: objects.filter(({ label }) => named.has(label)),
    possible: objects.filter(({ label }) => !named.has(label)),
  }
}

/** How often each label was seen: people first, then the things that fill most of the picture. */
function countLabels(objects: readonly DetectedObject[]): Map<string, number> {
  const areas = new Map<string, number>()
  const counts = new Map<string, number>()
  for (const { label, box } of objects) {
    counts.set(label, (counts.get(label) ?? 0) + 1)
    areas.set(label, (areas.get(label) ?? 0) + (box[2] - box[0]) * (box[3] - box[1]))
  }
  const weight = (label: string) => (label === 'person' ? Number.POSITIVE_INFINITY : (areas.get(label) ?? 0))
  return new Map([...counts].sort(([one], [other]) => Math.sign(weight(other) - weight(one)) || 0))
}

function countNoun(label: string, count: number): string {
  const noun = nounOf(label)
  if (count === 1) return noun.one
  // Past ten, things overlap and hide each other, and an exact number would be a claim that nobody can check.
  return `${NUMBERS[count] ?? 'more than ten'} ${noun.many}`
}

function joinWithAnd(parts: readonly string[]): string {
  const last = parts.at(-1) ?? ''
  return parts.length < 2 ? last : `${parts.slice(0, -1).join(', ')} and ${last}`
}

function capitalise(sentence: string): string {
  return sentence.charAt(0).toUpperCase() + sentence.slice(1)
}

/** Quoted on one line, cut between words. Quotation marks inside become single ones, so that the quote has one end. */
function quoteBeginning(ocrText: string): string {
  const line = ocrText.replaceAll(/\s+/g, ' ').replaceAll(/["“”]/g, "'").trim()
  if (line === '') return ''
  if (line.length <= QUOTE_MAX_CHARACTERS) return `"${line}"`
  const cut = line.slice(0, QUOTE_MAX_CHARACTERS + 1)
  const end = cut.lastIndexOf(' ')
  return `"${cut.slice(0, end > 0 ? end : QUOTE_MAX_CHARACTERS)} …"`
}

/**
 * For each label the objects of the frame that shows most of them, most certain first. Frames that show it for certain
 * count before others: guesses in one frame do not make a find in another doubtful.
 */
function mostAtOnce(frames: readonly Caption[]): DetectedObject[] {
  const best = new Map<string, readonly DetectedObject[]>()
  for (const { objects } of frames) {
    for (const [label, seen] of groupByLabel(objects)) {
      if (tellsMore(seen, best.get(label) ?? [])) best.set(label, seen)
    }
  }
  return [...best.values()].flat().sort((one, other) => other.score - one.score)
}

function tellsMore(seen: readonly DetectedObject[], best: readonly DetectedObject[]): boolean {
  if (hasCertain(seen) !== hasCertain(best)) return hasCertain(seen)
  return seen.length > best.length
}

function hasCertain(objects: readonly DetectedObject[]): boolean {
  return objects.some(isCertain)
}

function isCertain({ score }: DetectedObject): boolean {
  return score >= CERTAIN_SCORE
}

function groupByLabel(objects: readonly DetectedObject[]): Map<string, DetectedObject[]> {
  const groups = new Map<string, DetectedObject[]>()
  for (const object of objects) groups.set(object.label, [...(groups.get(object.label) ?? []), object])
  return groups
}

/** Leaves out a line that says nothing beyond another: text stays on screen for many frames, sometimes half covered. */
export function distinctLines(lines: readonly string[]): string[] {
  const keys = lines.map((line) => line.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, ''))
  return lines.filter((_, index) => {
    const key = keys[index] ?? ''
    const saidElsewhere = keys.some((other, place) => {
      if (place === index) return false
      return other === key ? place < index : other.includes(key)
    })
    return key !== '' && !saidElsewhere
  })
}
