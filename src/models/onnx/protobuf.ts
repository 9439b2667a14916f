const VARINT = 0
const LENGTH_DELIMITED = 2
const FIXED_32 = 5

const utf8 = new TextEncoder()

/** One protobuf message, written field by field. Field numbers come from the message's .proto file. */
export interface ProtoMessage {
  /** Chunks of the encoded message, in order; large byte fields are referenced, not copied. */
  readonly chunks: readonly Uint8Array[]
  readonly sizeBytes: number
  int(field: number, value: number): ProtoMessage
  float(field: number, value: number): ProtoMessage
  bytes(field: number, value: Uint8Array): ProtoMessage
  string(field: number, value: string): ProtoMessage
  message(field: number, value: ProtoMessage): ProtoMessage
  /** Fields that are encoded already. */
  copy(fields: Uint8Array): ProtoMessage
  encode(): Uint8Array
}

/**
 * Starts an empty protobuf message.
 * Wire format: https://protobuf.dev/programming-guides/encoding/
 */
export function createMessage(): ProtoMessage {
  const chunks: Uint8Array[] = []
  let sizeBytes = 0
  const append = (chunk: Uint8Array) => {
    chunks.push(chunk)
    sizeBytes += chunk.length
  }
  const appendTag = (field: number, wireType: number) => append(encodeVarint((field << 3) | wireType))
  const message: ProtoMessage = {
    chunks,
    get sizeBytes() {
      return sizeBytes
    },
    int(field, value) {
      appendTag(field, VARINT)
      append(encodeVarint(value))
      return message
    },
    float(field, value) {
      appendTag(field, FIXED_32)
      const bytes = new Uint8Array(4)
      new DataView(bytes.buffer).setFloat32(0, value, true)
      append(bytes)
      return message
    },
    bytes(field, value) {
      appendTag(field, LENGTH_DELIMITED)
      append(encodeVarint(value.length))
      append(value)
      return message
    },
    string: (field, value) => message.bytes(field, utf8.encode(value)),
    message(field, value) {
      appendTag(field, LENGTH_DELIMITED)
      append(encodeVarint(value.sizeBytes))
      value.chunks.forEach(append)
      return message
    },
    copy(fields) {
      append(fields)
      return message
    },
    encode: () => concatenate(chunks, sizeBytes),
  }
  return message
}

/** Seven bits a byte, lowest first; a negative number is written as its 64-bit two's complement. */
function encodeVarint(value: number): Uint8Array {
  const bytes: number[] = []
  let rest = BigInt.asUintN(64, BigInt(value))
  while (rest > 127n) {
    bytes.push(Number(rest & 127n) | 128)
    rest >>= 7n
  }
  bytes.push(Number(rest))
  return Uint8Array.from(bytes)
}

function concatenate(chunks: readonly Uint8Array[], sizeBytes: number): Uint8Array {
  const whole = new Uint8Array(sizeBytes)
  let offset = 0
  for (const chunk of chunks) {
    whole.set(chunk, offset)
    offset += chunk.length
  }
  return whole
}
