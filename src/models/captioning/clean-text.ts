/** What a decoder may leave of its own signs: <loc_12>, </s>, <|endoftext|>. */
const CONTROL_TOKEN = /<\/?[a-z_|][^<>]{0,30}>|\uFFFD/gi
const SENTENCE_END = /[.!?…]["'”’)]*$/

/** What a decoder wrote, as a person would write it: one line, a capital letter, a full stop. Empty stays empty. */
export function cleanSentences(text: string, isComplete: boolean): string {
  const line = text
    .replaceAll(CONTROL_TOKEN, ' ')
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/ ([.,;:!?])/g, '$1')
    .trim()
  const whole = isComplete ? line : dropUnfinished(line)
  if (!/[\p{L}\p{N}]/u.test(whole)) return ''
  const sentence = whole.charAt(0).toUpperCase() + whole.slice(1)
  return SENTENCE_END.test(sentence) ? sentence : `${sentence.replace(/[\s,;:-]+$/, '')}.`
}

/** Words that lead to another one: a text that was cut off must not end with them. */
const LEADING_WORDS = /(?:[\s,;]+(?:an?|the|and|or|of|on|in|at|to|by|over|with|from|is|are|that))+$/i

/** A text that was cut off ends with its last whole sentence, or at least not in the middle of a phrase. */
function dropUnfinished(text: string): string {
  return /^.*[.!?…](?=\s)/s.exec(text)?.[0] ?? text.replace(LEADING_WORDS, '')
}

/** Text that was read in a picture: as it is, without the decoder's signs, one line per line. */
export function cleanReading(text: string): string {
  const lines = text.replaceAll(CONTROL_TOKEN, '\n').split('\n')
  return lines
    .map((line) => line.replaceAll(/\s+/g, ' ').trim())
    .filter(Boolean)
    .join('\n')
}
