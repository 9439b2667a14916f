import type { ByteWindow } from './byte-window.ts'

const SEGMENT_ID = 0x18538067
/** Longest identifier (4 bytes) and longest size (8 bytes) of an element (RFC 8794, 4 and 5). */
const ELEMENT_HEAD_BYTES = 12

interface Element {
  readonly id: number
  readonly dataOffset: number
  /** Undefined when the writer did not know it, as live recordings don't. */
  readonly dataBytes: number | undefined
}

/** WebM and MKV: whole when the segment fits, or does not say how long it is. */
export async function isMatroskaWhole(file: ByteWindow): Promise<boolean> {
  let offset = 0
  while (offset < file.sizeBytes) {
    const element = parseElement(await file.read(offset, ELEMENT_HEAD_BYTES), offset)
    if (element === undefined) return false
    if (element.dataBytes === undefined) return true
    const end = element.dataOffset + element.dataBytes
    if (element.id === SEGMENT_ID) return end <= file.sizeBytes
    offset = end
  }
  return false
}

function parseElement(head: Buffer, offset: number): Element | undefined {
  const idBytes = vintBytes(head[0])
  const sizeBytes = vintBytes(head[idBytes])
  if (idBytes > 4 || sizeBytes > 8 || head.length < idBytes + sizeBytes) return undefined
  const id = head.readUIntBE(0, idBytes)
  return {
    id,
    dataOffset: offset + idBytes + sizeBytes,
    dataBytes: readVint(head.subarray(idBytes, idBytes + sizeBytes)),
  }
}

/** The leading zero bits of the first byte tell how many bytes follow it. */
function vintBytes(first = 0): number {
  return Math.clz32(first) - 23
}

/** The number without its length marker; all ones mean "unknown". */
function readVint(bytes: Buffer): number | undefined {
  const bits = BigInt(7 * bytes.length)
  const value = BigInt.asUintN(Number(bits), BigInt(`0x${bytes.toString('hex')}`))
  return value === (1n << bits) - 1n ? undefined : Number(value)
}
