import { isUtf8 } from 'node:buffer'
import { type FileHandle, open as openFile } from 'node:fs/promises'
import { fileTypeFromBuffer, fileTypeFromFile } from 'file-type'
import { AppError, systemCode } from '../../errors.ts'
import type { Beginning, MediaType } from '../media.ts'
import { ACCEPTED_TYPES, type AcceptedType, TYPES_BY_SNIFFED_NAME } from './accepted-types.ts'
import { type ByteWindow, createByteWindow, WINDOW_BYTES } from './wholeness/byte-window.ts'
import { isWhole } from './wholeness/is-whole.ts'

/** Enough to see past a licence comment at the head of a drawing or a page. */
const HEAD_BYTES = 4096

/**
 * Tells what a file is from its bytes; its name and what a client said of it play no part. Reads the head, then seeks;
 * a small file of which the beginning is known is not opened at all.
 * @throws AppError UPLOAD_EMPTY, UPLOAD_TYPE_UNSUPPORTED, UPLOAD_TRUNCATED, FILE_MISSING
 */
export async function identify(path: string, known?: Beginning): Promise<MediaType> {
  let opened: Promise<FileHandle> | undefined
  const open = () => {
    opened ??= openOriginal(path)
    return opened
  }
  try {
    const sizeBytes = known?.sizeBytes ?? (await (await open()).stat()).size
    if (sizeBytes === 0) throw new AppError('UPLOAD_EMPTY')
    const file = createByteWindow(open, sizeBytes, known?.head)
    const { container, ...type } = await sniff(path, file)
    if (!(await isWhole(file, container))) throw new AppError('UPLOAD_TRUNCATED')
    return type
  } finally {
    await (await opened)?.close()
  }
}

async function openOriginal(path: string): Promise<FileHandle> {
  try {
    return await openFile(path)
  } catch (thrown) {
    if (systemCode(thrown) === 'ENOENT') throw new AppError('FILE_MISSING', { cause: thrown })
    throw thrown
  }
}

async function sniff(path: string, file: ByteWindow): Promise<AcceptedType> {
  const sniffed = (await sniffFile(path, file))?.mime
  const type = sniffed === undefined ? undefined : TYPES_BY_SNIFFED_NAME.get(sniffed)
  if (type !== undefined) return type
  const head = Buffer.from(await file.read(0, HEAD_BYTES))
  // A TIFF is told from camera raw formats by its directory, which is often the last thing in the file.
  if (sniffed === undefined && isTiff(head)) throw new AppError('UPLOAD_TRUNCATED')
  throw new AppError('UPLOAD_TYPE_UNSUPPORTED', {
    detail: `The file seems to be ${describeOther(head, sniffed)}. This server takes photos and videos.`,
    extra: { accepted_types: ACCEPTED_TYPES },
  })
}

/** A small file is read once; of a large one the pieces are read that tell, wherever they are. */
async function sniffFile(path: string, file: ByteWindow) {
  if (file.sizeBytes > WINDOW_BYTES) return fileTypeFromFile(path)
  return fileTypeFromBuffer(await file.read(0, file.sizeBytes))
}

/** Says what a file is that is not taken, for the person who wonders why. */
function describeOther(head: Buffer, sniffed: string | undefined): string {
  if (/<svg[\s>]/i.test(head.toString('latin1'))) return 'an SVG drawing'
  if (sniffed?.startsWith('audio/')) return `sound without a picture (${sniffed})`
  if (sniffed !== undefined) return sniffed
  return isText(head) ? 'plain text' : 'of an unknown type'
}

function isTiff(head: Buffer): boolean {
  return ['II*\0', 'MM\0*'].includes(head.toString('latin1', 0, 4))
}

function isText(head: Buffer): boolean {
  // The head may end inside a character of up to four bytes.
  const cut = [0, 1, 2, 3].some((bytes) => isUtf8(head.subarray(0, head.length - bytes)))
  return cut && !head.includes(0)
}
