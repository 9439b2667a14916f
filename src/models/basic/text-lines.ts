/** A line as it was read, with the mean certainty of its letters, 0..1. */
export interface TextLine {
  readonly text: string
  readonly confidence: number
}

/** Letter 0 of the recogniser means "no letter here", which also separates doubled ones. */
const BLANK = 0

/**
 * Letters by their number, from the dictionary file (one per line): the recogniser has two that the file leaves out,
 * the blank in front and the space at the end.
 */
export function parseAlphabet(dictionary: string): string[] {
  const letters = dictionary.split(/\r?\n/)
  if (letters.at(-1) === '') letters.pop()
  return ['', ...letters, ' ']
}

/**
 * Greedy CTC decoding (Graves et al. 2006): the likeliest letter at each step, repeats collapsed, blanks dropped.
 * @param scores probabilities of [steps, letters], row by row.
 */
export function decodeLine(scores: Float32Array, alphabet: readonly string[]): TextLine {
  let text = ''
  let certainty = 0
  let letters = 0
  let previous = BLANK
  for (let start = 0; start + alphabet.length <= scores.length; start += alphabet.length) {
    const letter = likeliest(scores, start, alphabet.length)
    if (letter !== BLANK && letter !== previous) {
      text += alphabet[letter] ?? ''
      certainty += scores[start + letter] ?? 0
      letters += 1
    }
    previous = letter
  }
  return { text: text.trim(), confidence: letters === 0 ? 0 : certainty / letters }
}

function likeliest(scores: Float32Array, start: number, count: number): number {
  let best = 0
  let bestScore = Number.NEGATIVE_INFINITY
  for (let letter = 0; letter < count; letter++) {
    const score = scores[start + letter] ?? 0
    if (score > bestScore) {
      bestScore = score
      best = letter
    }
  }
  return best
}
