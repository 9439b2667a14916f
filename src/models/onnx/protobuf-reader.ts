/** Bytes of a file or of memory, from one place up to another. */
export type ReadBytes = (start: number, end: number) => Uint8Array

/** One field of a protobuf message, by its place in what is read. */
export interface ProtoField {
  readonly number: number
  /** Where the field begins, with its tag. */
  readonly start: number
  /** The value without tag and length; of a varint the value itself is in `int`. */
  readonly valueStart: number
  readonly end: number
  readonly int: number
}

const WIRE = { varint: 0, fixed64: 1, delimited: 2, fixed32: 5 } as const
/** A tag and a length: two varints of at most ten bytes. */
const HEADER_BYTES = 20

const utf8 = new TextDecoder()

/**
 * The fields of a message that lies between two places. Only their headers are read: a value may be larger than memory.
 * Wire format: https://protobuf.dev/programming-guides/encoding/
 * @throws Error for bytes that are no message.
 */
export function* readFields(read: ReadBytes, start: number, end: number): Generator<ProtoField> {
  for (let position = start; position < end; ) {
    const header = read(position, Math.min(end, position + HEADER_BYTES))
    const tag = readVarint(header, 0)
    const field = placeValue(header, tag, position)
    if (field.end > end) throw new Error(`The protobuf field at ${position} is longer than its message.`)
    yield { number: Math.floor(tag.value / 8), start: position, ...field }
    position = field.end
  }
}

/** The fields of a message in memory. */
export function readMessage(bytes: Uint8Array): ProtoField[] {
  return [...readFields((start, end) => bytes.subarray(start, end), 0, bytes.length)]
}

export function readText(bytes: Uint8Array, { valueStart, end }: ProtoField): string {
  return utf8.decode(bytes.subarray(valueStart, end))
}

function placeValue(
  header: Uint8Array,
  tag: { value: number; length: number },
  position: number,
): Omit<ProtoField, 'number' | 'start'> {
  const wireType = tag.value % 8
  const after = position + tag.length
  if (wireType === WIRE.fixed64) return { valueStart: after, end: after + 8, int: 0 }
  if (wireType === WIRE.fixed32) return { valueStart: after, end: after + 4, int: 0 }
  const { value, length } = readVarint(header, tag.length)
  if (wireType === WIRE.varint) return { valueStart: after, end: after + length, int: value }
  if (wireType !== WIRE.delimited) throw new Error(`The protobuf field at ${position} has the wire type ${wireType}.`)
  return { valueStart: after + length, end: after + length + value, int: 0 }
}

/** Seven bits a byte, lowest first. Numbers above 2^53 and negative ones lose their exact value, but not their length. */
function readVarint(bytes: Uint8Array, offset: number): { value: number; length: number } {
  let value = 0
  for (let length = 0; length < 10; length++) {
    const byte = bytes[offset + length]
    if (byte === undefined) break
    value += (byte & 127) * 2 ** (7 * length)
    if (byte < 128) return { value, length: length + 1 }
  }
  throw new Error('A protobuf number does not end.')
}
