import { findLemma } from './lemma.ts'

/** Words that say nothing about what is in a picture, or that captions say of every picture. */
const STOP_WORDS: ReadonlySet<string> = new Set(
  (
    'a an the this that these those some any each every no not and or but if than then so as of at by for from in into ' +
    'on onto out off over under up down to with without within about above below between through during near next ' +
    'behind beside around along across i me my we us our you your he him his she her hers it its they them their who ' +
    'whom whose which what when where why how is am are was were be been being has have had having do does did doing ' +
    'can could will would shall should may might must there here very too also just only such other another more most ' +
    'much many few several one two three four five six seven eight nine ten first second dont doesnt isnt arent ' +
    'used using use usually often sometimes especially etc esp something someone ' +
    'text reads pair pairs photo photos photograph photographs picture pictures image images pic pics video videos show shows find'
  ).split(' '),
)

/** The longest entries that are looked for, as in `bachelor of arts degree`. */
const MAX_WORDS_OF_ENTRY = 4

/** Lower case, no accents, everything but letters and digits a space: how entries are written and texts are read. */
export function normalise(text: string): string {
  return text
    .normalize('NFD')
    .replace(/[\p{M}'’]/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, ' ')
    .trim()
}

/**
 * The dictionary forms of the words of a text, in their order: `two hot dogs` gives `hot dog`. The longest entry wins;
 * stop words neither begin nor end one; unknown words are left out.
 * @param isKnown whether a normalised entry is in the dictionary
 */
export function findWords(text: string, isKnown: (entry: string) => boolean): string[] {
  const tokens = normalise(text).split(' ')
  const found: string[] = []
  for (let at = 0; at < tokens.length; ) {
    const match = longestEntryAt(tokens, at, isKnown)
    if (match.entry !== undefined) found.push(match.entry)
    at += match.length
  }
  return found
}

function longestEntryAt(tokens: readonly string[], at: number, isKnown: (entry: string) => boolean) {
  const isStopWord = (position: number) => STOP_WORDS.has(tokens[position] ?? '')
  if (isStopWord(at)) return { entry: undefined, length: 1 }
  const longest = Math.min(MAX_WORDS_OF_ENTRY, tokens.length - at)
  for (let length = longest; length > 0; length--) {
    if (isStopWord(at + length - 1)) continue
    const entry = findLemma(tokens.slice(at, at + length).join(' '), isKnown)
    if (entry !== undefined) return { entry, length }
  }
  return { entry: undefined, length: 1 }
}
