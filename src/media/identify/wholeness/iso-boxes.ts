import type { ByteWindow } from './byte-window.ts'

/** Without one of these nothing in the file can be found: `moov` for films, `meta` for pictures. */
const INDEX_BOXES = new Set(['moov', 'meta'])
/** Boxes whose loss is a loss. Anything else that runs over the end is junk behind the film, as dash cams write. */
const ESSENTIAL_BOXES = new Set(['moov', 'meta', 'mdat', 'moof'])
const TYPE = /^[\x20-\x7e\xa9]{4}$/

interface Box {
  readonly type: string
  /** Offset behind the box. */
  readonly end: number
}

/** MP4, MOV, 3GP, HEIC, AVIF: whole when the top-level boxes fit and the index is there (ISO/IEC 14496-12, 4.2). */
export async function areIsoBoxesWhole(file: ByteWindow): Promise<boolean> {
  let offset = 0
  let hasIndex = false
  while (offset < file.sizeBytes) {
    const box = await readBox(file, offset)
    if (box === undefined) return hasIndex
    if (box.end > file.sizeBytes) return hasIndex && !ESSENTIAL_BOXES.has(box.type)
    hasIndex ||= INDEX_BOXES.has(box.type)
    offset = box.end
  }
  return hasIndex
}

/** The box at `offset`, or undefined where there is none: padding, zeros, other trailing bytes. */
async function readBox(file: ByteWindow, offset: number): Promise<Box | undefined> {
  const head = await file.read(offset, 16)
  if (head.length < 8) return undefined
  const type = head.toString('latin1', 4, 8)
  if (!TYPE.test(type)) return undefined
  const size = head.readUInt32BE(0)
  if (size === 0) return { type, end: file.sizeBytes }
  if (size !== 1) return size < 8 ? undefined : { type, end: offset + size }
  if (head.length < 16) return { type, end: Number.POSITIVE_INFINITY }
  const largeSize = Number(head.readBigUInt64BE(8))
  return largeSize < 16 ? undefined : { type, end: offset + largeSize }
}
