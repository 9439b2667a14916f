/** Field types of TIFF 6.0, section 2. */
const SHORT = 3
const LONG = 4
const UNDEFINED = 7

/** Tag, type, count, value or (when it doesn't fit into four bytes) the offset of it. */
type Field = readonly [tag: number, type: number, count: number, value: number]

const HEADER_BYTES = 8
const FIELD_BYTES = 12
const CHANNELS = 4

/**
 * Puts decoded pixels into an uncompressed little-endian TIFF, together with the colour profile they are meant in.
 * sharp takes a profile only inside a file, and with it a decoded HEIC is a picture like any other.
 * @param rgba interleaved 8-bit pixels, `width * height * 4` bytes
 */
export function wrapInTiff(
  rgba: Uint8Array | Uint8ClampedArray,
  width: number,
  height: number,
  profile: Uint8Array = new Uint8Array(),
): Uint8Array<ArrayBuffer> {
  const bitsOffset = HEADER_BYTES
  const profileOffset = bitsOffset + CHANNELS * 2
  // Offsets in a TIFF are even.
  const directoryOffset = profileOffset + profile.length + (profile.length % 2)
  const fields: Field[] = [
    [256, LONG, 1, width],
    [257, LONG, 1, height],
    [258, SHORT, CHANNELS, bitsOffset],
    [259, SHORT, 1, 1], // not compressed
    [262, SHORT, 1, 2], // RGB
    [273, LONG, 1, 0], // where the pixels begin; set below
    [277, SHORT, 1, CHANNELS],
    [278, LONG, 1, height], // all rows in one strip
    [279, LONG, 1, rgba.length],
    [338, SHORT, 1, 2], // the fourth channel is alpha, not premultiplied
    ...(profile.length > 0 ? [[34675, UNDEFINED, profile.length, profileOffset] as const] : []),
  ]
  const pixelsOffset = directoryOffset + 2 + fields.length * FIELD_BYTES + 4

  const file = new Uint8Array(pixelsOffset + rgba.length)
  const view = new DataView(file.buffer)
  view.setUint32(0, 0x002a4949, true)
  view.setUint32(4, directoryOffset, true)
  for (let channel = 0; channel < CHANNELS; channel += 1) view.setUint16(bitsOffset + channel * 2, 8, true)
  file.set(profile, profileOffset)
  view.setUint16(directoryOffset, fields.length, true)
  for (const [index, field] of fields.entries()) {
    const [tag, type, count, value] = field
    const at = directoryOffset + 2 + index * FIELD_BYTES
    view.setUint16(at, tag, true)
    view.setUint16(at + 2, type, true)
    view.setUint32(at + 4, count, true)
    view.setUint32(at + 8, tag === 273 ? pixelsOffset : value, true)
  }
  file.set(rgba, pixelsOffset)
  return file
}
