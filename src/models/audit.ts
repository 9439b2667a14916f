/** A word that says something about a picture; the others hold a sentence together or name the medium. */
const EMPTY_WORDS = new Set(
  (
    'a an the and or of in on at to with by for from as is are was were be been it its this that these those there ' +
    'some no not one two three four five six seven eight nine ten more than many several text reads ' +
    'picture photo photograph image video frame'
  ).split(' '),
)

/** What a decoder leaves when its special tokens are not taken out: <loc_12>, </s>, <|endoftext|>, [CLS]. */
const CONTROL_TOKEN = /<\/?[a-z_|][^<>]{0,30}>|\[(?:cls|sep|pad|unk|mask|bos|eos)\]|\uFFFD/gi

/** Text that was read in the picture is as it is there: what is quoted is not judged. */
const QUOTE = /"[^"]*"/g

/** Longer than any caption model writes on purpose; a decoder that did not find its end goes on and on. */
const MAX_WORDS = 150
/** No word of a sentence in Latin letters is longer, or has more consonants in a row ("catchphrase" has six). */
const MAX_LETTERS = 22
const CONSONANT_RUN = /[bcdfghjklmnpqrstvwxz]{7}/
const VOWEL = /[aeiouyà-öø-ÿ]/

/**
 * Judges a description by its form alone, 0 (useless) to 100 (nothing to object to). It cannot tell whether the
 * description is true. The score is a product, so that one grave fault is enough to pull it down:
 *
 * - substance: words that say something. None 0.4, one 0.8, two 0.9, three or more 1; no words at all 0.
 * - variety: the share of word pairs that are not repeats of an earlier pair ("a dog a dog a dog").
 * - legibility: the square of the share of words that look like words.
 * - cleanliness: 0.4 for each control token that was left in.
 * - length: 0.7 beyond 150 words.
 *
 * Text in double quotes was read in the picture and counts as something said, but is not judged.
 */
export function auditDescription(text: string): number {
  const controlTokens = text.match(CONTROL_TOKEN)?.length ?? 0
  const withoutTokens = text.replace(CONTROL_TOKEN, ' ')
  const words = splitWords(withoutTokens.replace(QUOTE, ' '))
  const quotes = withoutTokens.match(QUOTE)?.length ?? 0
  if (words.length === 0 && quotes === 0) return 0
  const factors = [
    rateSubstance(words, quotes),
    rateVariety(words),
    rateLegibility(words),
    0.4 ** controlTokens,
    words.length > MAX_WORDS ? 0.7 : 1,
  ]
  return Math.round(100 * factors.reduce((product, factor) => product * factor, 1))
}

function splitWords(text: string): string[] {
  return text.split(/[\s.,;:!?()'’-]+/u).filter((word) => word !== '')
}

function rateSubstance(words: readonly string[], quotes: number): number {
  const telling = new Set(words.filter(looksLikeWord).map((word) => word.toLowerCase()))
  for (const word of EMPTY_WORDS) telling.delete(word)
  return [0.4, 0.8, 0.9][telling.size + quotes] ?? 1
}

function rateVariety(words: readonly string[]): number {
  const pairs = words.slice(1).map((word, index) => `${words[index]} ${word}`.toLowerCase())
  return pairs.length === 0 ? 1 : new Set(pairs).size / pairs.length
}

function rateLegibility(words: readonly string[]): number {
  if (words.length === 0) return 1
  return (words.filter(looksLikeWord).length / words.length) ** 2
}

/** Numbers and short capitals ("TV") pass; a word in Latin letters needs a vowel; other scripts are not judged. */
function looksLikeWord(word: string): boolean {
  if (/^\d+%?$/.test(word) || /^[A-Z]{2,4}s?$/.test(word)) return true
  if (!/^[\p{L}\p{M}\d]+$/u.test(word) || word.length > MAX_LETTERS || /(.)\1\1/u.test(word)) return false
  const lower = word.toLowerCase()
  return !/[a-z]/.test(lower) || (VOWEL.test(lower) && !CONSONANT_RUN.test(lower))
}
