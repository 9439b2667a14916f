const EXPONENT_BITS = 0x7c00
const QUIET_NAN = 0x7e00

let floatOfHalf: Float32Array | undefined

/** Widens IEEE 754 half floats, given as their 16 bits each, without loss. */
export function halfToFloat(halves: Uint16Array): Float32Array {
  // There are only 65,536 of them: looking them up is ten times faster than computing millions.
  floatOfHalf ??= Float32Array.from({ length: 65_536 }, (_, half) => widenBits(half))
  const floats = new Float32Array(halves.length)
  for (let index = 0; index < halves.length; index++) floats[index] = floatOfHalf[halves[index] ?? 0] ?? 0
  return floats
}

function widenBits(half: number): number {
  const sign = half & 0x8000 ? -1 : 1
  const exponent = (half >> 10) & 31
  const fraction = half & 1023
  if (exponent === 0) return sign * 2 ** -24 * fraction
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN
  return sign * 2 ** (exponent - 15) * (1 + fraction / 1024)
}

/** Narrows to IEEE 754 half floats (their 16 bits each), rounding half to even; too large becomes infinity. */
export function floatToHalf(floats: Float32Array): Uint16Array {
  const bits = new Uint32Array(floats.buffer, floats.byteOffset, floats.length)
  return Uint16Array.from(bits, narrowBits)
}

function narrowBits(bits: number): number {
  const sign = (bits >>> 16) & 0x8000
  const biasedExponent = (bits >>> 23) & 255
  const mantissa = bits & 0x7fffff
  const exponent = biasedExponent - 127 + 15
  if (exponent >= 31) return sign | (biasedExponent === 255 && mantissa !== 0 ? QUIET_NAN : EXPONENT_BITS)
  // Below the smallest subnormal everything rounds to zero.
  if (exponent < -10) return sign
  if (exponent <= 0) return sign | shiftRounded(mantissa | 0x800000, 14 - exponent)
  // A mantissa that rounds over carries into the exponent, which is the right next number.
  return sign + (exponent << 10) + shiftRounded(mantissa, 13)
}

function shiftRounded(value: number, shift: number): number {
  const kept = value >>> shift
  const rest = value & ((1 << shift) - 1)
  const half = 1 << (shift - 1)
  return rest > half || (rest === half && (kept & 1) === 1) ? kept + 1 : kept
}
