const SIGN = 0x8000
const EXPONENT = 0x7c00
/** The exponent of a half is biased by 15, that of a float by 127; a float has 13 more bits of fraction. */
const REBIAS = (127 - 15) << 23
const SMALLEST = 2 ** -24

/** Widens IEEE 754 half floats, given as their 16 bits each, without loss. */
export function halfToFloat(halves: Uint16Array): Float32Array {
  const floats = new Float32Array(halves.length)
  const bits = new Uint32Array(floats.buffer)
  for (let index = 0; index < halves.length; index++) {
    const half = halves[index] ?? 0
    const exponent = half & EXPONENT
    const magnitude = (half & ~SIGN) << 13
    if (exponent === 0) floats[index] = (half & ~SIGN) * SMALLEST
    // Infinity and NaN have the highest exponent in both, so they are moved twice as far.
    else bits[index] = magnitude + (exponent === EXPONENT ? 2 * REBIAS : REBIAS)
    if (half & SIGN) bits[index] = (bits[index] ?? 0) | 0x8000_0000
  }
  return floats
}
