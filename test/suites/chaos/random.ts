export type Random = ReturnType<typeof createRandom>

/** The same seed gives the same choices. Mulberry32 by Tommy Ettinger (public domain): small, and good enough to choose. */
export function createRandom(seed: number) {
  let state = seed >>> 0
  /** At least 0, less than 1. */
  function next(): number {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  return {
    next,
    chance: (probability: number) => next() < probability,
    /** A whole number from `least` up to and with `most`. */
    between: (least: number, most: number) => least + Math.floor(next() * (most - least + 1)),
    pick: <T>(choices: readonly T[]): T | undefined => choices[Math.floor(next() * choices.length)],
  }
}
