import { searchBeams } from './beam-search.ts'
import type { Decoder } from './decoder.ts'
import type { Generation } from './generation.ts'
import { writeGreedily } from './greedy.ts'

export interface Generated {
  /** Without the start token; with the token that ended it. */
  readonly tokens: readonly number[]
  /** False when it was cut off at the most tokens. */
  readonly isComplete: boolean
}

/** Called after each token with their number; what it throws ends the writing. */
export type OnStep = (count: number) => void | Promise<void>

/** Writes a text with a decoder: greedily, or with several beams where the generation says so. */
export function generate(decoder: Decoder, generation: Generation, onStep: OnStep): Promise<Generated> {
  return generation.beams > 1 ? searchBeams(decoder, generation, onStep) : writeGreedily(decoder, generation, onStep)
}
