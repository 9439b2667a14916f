import type { Generation } from './generation.ts'

/** Changes the scores of all tokens (logits or log-probabilities) before the next one is chosen. */
export type TokenRule = (scores: Float32Array, written: readonly number[]) => void

const NEVER = Number.NEGATIVE_INFINITY

/**
 * The rules of a generation in the order in which transformers applies its logits processors.
 * `written` begins with the start token, as the lengths do.
 */
export function createTokenRules(generation: Generation): TokenRule[] {
  const { noRepeatNgram, badWords, minLength, endTokens, forcedFirst, forcedLast, maxLength } = generation
  const rules: TokenRule[] = []
  if (noRepeatNgram > 0) rules.push(forbidRepeats(noRepeatNgram))
  // An end token may stand among the bad words by mistake; without it no text would ever end.
  const allowed = badWords.filter((word) => word.length > 1 || !word.some((token) => endTokens.includes(token)))
  if (allowed.length > 0) rules.push(forbidWords(allowed))
  if (minLength > 0) rules.push(forbidEnd(endTokens, minLength))
  if (forcedFirst !== undefined) rules.push(force([forcedFirst], 1))
  if (forcedLast.length > 0) rules.push(force(forcedLast, maxLength - 1))
  return rules
}

/** Forbids each token that would end a run of `size` tokens which was written before. */
function forbidRepeats(size: number): TokenRule {
  return (scores, written) => {
    const begun = written.length - size + 1
    for (let start = 0; start < begun; start++) {
      const isSame = Array.from({ length: size - 1 }).every(
        (_, index) => written[start + index] === written[begun + index],
      )
      const last = written[start + size - 1]
      if (isSame && last !== undefined) scores[last] = NEVER
    }
  }
}

function forbidWords(words: readonly (readonly number[])[]): TokenRule {
  return (scores, written) => {
    for (const word of words) {
      const last = word.at(-1)
      const before = word.slice(0, -1)
      const isBegun = before.every((token, index) => written[written.length - before.length + index] === token)
      if (last !== undefined && isBegun) scores[last] = NEVER
    }
  }
}

function forbidEnd(endTokens: readonly number[], minLength: number): TokenRule {
  return (scores, written) => {
    if (written.length < minLength) for (const token of endTokens) scores[token] = NEVER
  }
}

/** Leaves only these tokens, as certain, when so many are written. */
function force(tokens: readonly number[], length: number): TokenRule {
  return (scores, written) => {
    if (written.length !== length) return
    scores.fill(NEVER)
    for (const token of tokens) scores[token] = 0
  }
}
