import type { Cache } from './cache.ts'
import type { Decoder } from './decoder.ts'
import type { Generated, OnStep } from './generate.ts'
import type { Generation } from './generation.ts'
import { createTokenRules } from './token-rules.ts'

/** Takes the most probable token, again and again. */
export async function writeGreedily(decoder: Decoder, generation: Generation, onStep: OnStep): Promise<Generated> {
  const rules = createTokenRules(generation)
  const text = [generation.startToken]
  let cache: Cache | undefined
  while (text.length < generation.maxLength) {
    const step = await decoder.step([text], cache)
    const [scores = new Float32Array()] = step.logits
    for (const rule of rules) rule(scores, text)
    const token = indexOfMost(scores)
    cache = step.cache
    text.push(token)
    await onStep(text.length - 1)
    if (generation.endTokens.includes(token)) return { tokens: text.slice(1), isComplete: true }
  }
  return { tokens: text.slice(1), isComplete: false }
}

function indexOfMost(scores: Float32Array): number {
  let best = 0
  for (let index = 1; index < scores.length; index++) {
    if ((scores[index] ?? 0) > (scores[best] ?? 0)) best = index
  }
  return best
}
