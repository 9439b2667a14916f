import { type Cache, followParents } from './cache.ts'
import type { Decoder } from './decoder.ts'
import { createFinishedTexts, type FinishedTexts } from './finished-texts.ts'
import type { Generated, OnStep } from './generate.ts'
import type { Generation } from './generation.ts'
import { createTokenRules, type TokenRule } from './token-rules.ts'

/** A text that is being written, and the sum of the log-probabilities of its tokens. */
interface Beam {
  readonly text: readonly number[]
  readonly score: number
}

/** A beam with one more token. */
interface Candidate {
  readonly parent: number
  readonly token: number
  readonly score: number
}

/**
 * Keeps the `beams` most probable texts side by side and gives back the one with the best score for its length.
 * The semantics are those of transformers' beam search for one text (`GenerationMixin._beam_search`): of the 2n best
 * continuations those that end are finished texts if they are among the first n; the others fill the n beams.
 * There is one beam to begin with: n equal ones would only be computed n times.
 */
export async function searchBeams(decoder: Decoder, generation: Generation, onStep: OnStep): Promise<Generated> {
  const { beams: width, endTokens, maxLength } = generation
  const rules = createTokenRules(generation)
  const finished = createFinishedTexts(generation)
  let beams: Beam[] = [{ text: [generation.startToken], score: 0 }]
  let cache: Cache | undefined
  for (let length = 1; length < maxLength && beams.length > 0; length++) {
    const step = await decoder.step(
      beams.map(({ text }) => text),
      cache,
    )
    const best = rankCandidates(beams, step.logits, rules, 2 * width)
    const going = best.filter(({ token }) => !endTokens.includes(token)).slice(0, width)
    const ending = best.slice(0, width).filter(({ token }) => endTokens.includes(token))
    for (const { parent, token, score } of ending) finished.add([...textOf(beams, parent), token], score)
    beams = going.map(({ parent, token, score }) => ({ text: [...textOf(beams, parent), token], score }))
    cache = followParents(
      step.cache,
      going.map(({ parent }) => parent),
    )
    await onStep(length)
    const [leader] = best
    if (leader && finished.isDecided(leader.score, length)) return toGenerated(finished, endTokens)
  }
  for (const { text, score } of beams) finished.add(text, score)
  return toGenerated(finished, endTokens)
}

/** The best continuations of all beams, best first. */
function rankCandidates(
  beams: readonly Beam[],
  logits: readonly Float32Array[],
  rules: readonly TokenRule[],
  count: number,
): Candidate[] {
  const candidates = beams.flatMap(({ text, score }, parent) => {
    const scores = toLogProbabilities(logits[parent] ?? new Float32Array())
    for (const rule of rules) rule(scores, text)
    return findBest(scores, count).map((token) => ({ parent, token, score: score + (scores[token] ?? 0) }))
  })
  return candidates.sort((one, other) => other.score - one.score).slice(0, count)
}

/** log softmax; the largest is subtracted first, so that nothing overflows. */
function toLogProbabilities(logits: Float32Array): Float32Array {
  const most = logits.reduce((one, other) => Math.max(one, other), Number.NEGATIVE_INFINITY)
  const sum = logits.reduce((total, logit) => total + Math.exp(logit - most), 0)
  const shift = most + Math.log(sum)
  return logits.map((logit) => logit - shift)
}

/** The tokens with the highest scores; those that a rule forbids are never among them. */
function findBest(scores: Float32Array, count: number): number[] {
  const best: number[] = []
  let least = Number.NEGATIVE_INFINITY
  for (let token = 0; token < scores.length; token++) {
    const score = scores[token] ?? Number.NEGATIVE_INFINITY
    if (score <= least) continue
    const place = best.findIndex((other) => (scores[other] ?? 0) < score)
    best.splice(place === -1 ? best.length : place, 0, token)
    if (best.length > count) best.pop()
    if (best.length === count) least = scores[best.at(-1) ?? 0] ?? least
  }
  return best
}

function textOf(beams: readonly Beam[], index: number): readonly number[] {
  return beams[index]?.text ?? []
}

function toGenerated(finished: FinishedTexts, endTokens: readonly number[]): Generated {
  const tokens = finished.best().slice(1)
  return { tokens, isComplete: tokens.slice(-1).some((token) => endTokens.includes(token)) }
}
