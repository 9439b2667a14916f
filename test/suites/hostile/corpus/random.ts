export interface Random {
  /** A whole number from 0 up to, and not, `end`. */
  below(end: number): number
  pick<T>(things: readonly [T, ...T[]]): T
  bytes(count: number): Buffer
}

/** Numbers that the same seed gives again (mulberry32, public domain, by Tommy Ettinger). */
export function createRandom(seed: number): Random {
  let state = seed >>> 0
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const below = (end: number) => Math.floor(next() * end)
  return {
    below,
    pick: (things) => things[below(things.length)] ?? things[0],
    bytes: (count) => Buffer.from(Array.from({ length: count }, () => below(256))),
  }
}
